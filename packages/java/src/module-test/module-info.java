/** A program without JUnit that has the package as a module: {@code check} compiles and runs it. */
module consumer {
  requires dev.stuntkey;
}
