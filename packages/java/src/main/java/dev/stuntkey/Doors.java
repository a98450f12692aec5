package dev.stuntkey;

import java.util.ArrayList;
import java.util.List;

/**
 * The doors behind which this package's things are. Few serve many authenticators, as each has a
 * memory of its own; and several, so that tests that run in parallel need not wait for each other.
 */
final class Doors {
  private static final int MOST = Math.min(8, Runtime.getRuntime().availableProcessors());
  private static final List<Place> PLACES = new ArrayList<>();

  private Doors() {}

  /** A door, and how many clients are behind it. */
  private static final class Place {
    private final Door door = Door.open();
    private int clients;
  }

  /** The door with the fewest clients, for one more. */
  static synchronized Door take() {
    Place best = emptiest();
    if (best == null || (best.clients > 0 && PLACES.size() < MOST)) {
      best = new Place();
      PLACES.add(best);
    }
    best.clients++;
    return best.door;
  }

  /** One client fewer is behind this door. */
  static synchronized void release(Door door) {
    for (Place place : PLACES) {
      if (place.door == door) {
        place.clients--;
      }
    }
  }

  /** A door for what needs no client. */
  static synchronized Door any() {
    Place best = emptiest();
    if (best == null) {
      best = new Place();
      PLACES.add(best);
    }
    for (Place place : PLACES) {
      if (!place.door.lock().isLocked()) {
        return place.door;
      }
    }
    return best.door;
  }

  private static Place emptiest() {
    PLACES.removeIf(place -> place.door.isBroken());
    Place best = null;
    for (Place place : PLACES) {
      if (best == null || place.clients < best.clients) {
        best = place;
      }
    }
    return best;
  }
}
