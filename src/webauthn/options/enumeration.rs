/// An enumeration whose values the standard names.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// How the standard spells every value.
            #[cfg(feature = "serde")]
            pub(crate) const NAMES: [&'static str; Self::ALL.len()] = [$($text),+];

            /// The value as the standard spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value spelled so, if there is one. [`FromStr`](std::str::FromStr) takes upper and lower case, too, and says which values
            /// there are.
            #[must_use]
            pub fn from_name(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::crypto::UnknownName;

            fn from_str(text: &str) -> Result<Self, $crate::crypto::UnknownName> {
                let of = concat!("a value of ", stringify!($name));
                $crate::crypto::UnknownName::find(of, Self::ALL, Self::as_str, text)
            }
        }
    };
}
