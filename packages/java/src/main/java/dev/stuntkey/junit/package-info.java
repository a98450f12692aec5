/**
 * Authenticators as parameters of JUnit's tests, and the suite as tests of its. It needs JUnit
 * Jupiter 5.13 or newer, which is the test's own dependency.
 */
package dev.stuntkey.junit;
