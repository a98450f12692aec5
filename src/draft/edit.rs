//! An edit: one change at one stage of a ceremony.

use std::fmt;
use std::sync::Arc;

use super::stages::stages;
use super::{CertInfo, CertificateDraft, KeyDescription, PubArea};
use crate::encoding::cbor::Item;
use crate::encoding::json::Json;
use crate::webauthn::{AuthenticatorData, ClientData};

/// What an edit does to the draft at its stage.
pub enum Change<T: 'static> {
    /// A function, so that an edit can stand in a constant.
    Function(fn(&mut T)),
    /// A closure, which may capture.
    Closure(Arc<dyn Fn(&mut T) + Send + Sync>),
}

impl<T> Change<T> {
    pub(super) fn make(&self, draft: &mut T) {
        match self {
            Change::Function(change) => change(draft),
            Change::Closure(change) => change(draft),
        }
    }
}

impl<T> Clone for Change<T> {
    fn clone(&self) -> Self {
        match self {
            Change::Function(change) => Change::Function(*change),
            Change::Closure(change) => Change::Closure(Arc::clone(change)),
        }
    }
}

/// Defines the edits of the table: the enumerations, what makes an edit, and its stage's name. `$d` is a dollar sign, for
/// the macro that it defines in turn.
macro_rules! define {
    ($d:tt $($(#[$kind_doc:meta])* $kind:ident, $edit:ident {
        $($(#[$doc:meta])* $stage:ident, $make:ident: $draft:ty;)*
    })*) => {
        /// One change at one stage of a ceremony. What comes later is made from the changed draft: a change that is made
        /// before the signature is signed over.
        ///
        /// An edit that is given to a [client](crate::client::ClientBuilder::edit) or an
        /// [authenticator](crate::authenticator::AuthenticatorBuilder::edit) changes every ceremony. A ceremony that
        /// lacks its stage, or in which it changed nothing, [fails](IneffectiveEdit), and nothing is stored. The
        /// credential's own key and id are stored as they were made, whatever an edit says of them.
        ///
        /// ```
        /// use stuntkey::draft::Edit;
        ///
        /// let other = [7; 32];
        /// let edit = Edit::authenticator_data(move |data| data.rp_id_hash = other);
        /// assert_eq!(edit.stage(), "AuthenticatorData");
        /// ```
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum Edit {
            $($(#[$kind_doc])* $kind($edit),)*
        }

        $(
            $(#[$kind_doc])*
            #[derive(Clone)]
            #[non_exhaustive]
            pub enum $edit {
                $($(#[$doc])* $stage(Change<$draft>),)*
            }

            impl $edit {
                /// The stage's name: that of the variant.
                #[must_use]
                pub const fn stage(&self) -> &'static str {
                    match self {
                        $($edit::$stage(_) => stringify!($stage),)*
                    }
                }
            }

            impl From<$edit> for Edit {
                fn from(edit: $edit) -> Self {
                    Edit::$kind(edit)
                }
            }
        )*

        impl Edit {
            $($(
                $(#[$doc])*
                #[must_use]
                pub fn $make(change: impl Fn(&mut $draft) + Send + Sync + 'static) -> Self {
                    Edit::$kind($edit::$stage(Change::Closure(Arc::new(change))))
                }
            )*)*

            /// The stage's name: that of the variant.
            #[must_use]
            pub const fn stage(&self) -> &'static str {
                match self {
                    $(Edit::$kind(edit) => edit.stage(),)*
                }
            }
        }

        /// A constant list of edits, each a stage and a function: `constant_edits![Signature(Vec::clear)]`.
        macro_rules! constant_edits {
            ($d($d stage:ident ($d change:expr)),* $d(,)?) => {
                &[$d($crate::draft::constant_edits!(@$d stage $d change)),*]
            };
            $($((@$stage $d change:expr) => {
                $crate::draft::Edit::$kind($crate::draft::$edit::$stage($crate::draft::Change::Function($d change)))
            };)*)*
        }
        pub(crate) use constant_edits;
    };
}

stages!(define $);

/// A function has nothing to show, its stage has.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.stage())
    }
}

/// An edit without effect: the ceremony was not what the edit was made for, and a test that relied on it would have
/// tested nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IneffectiveEdit {
    /// The [stage](Edit::stage) of the edit.
    pub stage: &'static str,
    /// Whether the ceremony had the stage, so that the edit was made and changed nothing.
    pub reached: bool,
}

impl fmt::Display for IneffectiveEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reached {
            true => write!(f, "the edit at the stage {} changed nothing", self.stage),
            false => {
                write!(f, "there is an edit for the stage {}, which this ceremony does not have", self.stage)
            }
        }
    }
}

impl std::error::Error for IneffectiveEdit {}
