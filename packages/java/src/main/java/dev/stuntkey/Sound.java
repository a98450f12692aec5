package dev.stuntkey;

/** The one value of {@link CeremonyOption#SOUND}. */
enum Sound implements CeremonyOption {
  SOUND
}
