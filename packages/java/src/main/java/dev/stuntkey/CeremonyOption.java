package dev.stuntkey;

/**
 * What one ceremony has that others of the same authenticator have not: a {@link Fault}, a {@link
 * UserAnswer}, or being sound.
 */
public sealed interface CeremonyOption permits Fault, UserAnswer, Sound {
  /** The ceremony is sound, whatever faults the authenticator was made with. */
  CeremonyOption SOUND = Sound.SOUND;
}
