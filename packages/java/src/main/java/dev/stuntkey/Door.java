package dev.stuntkey;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.stuntkey.wasm.StuntkeyModule;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One call, JSON in and JSON out, to all of stuntkey. Everything else in this package stands on it,
 * and most programs never need it.
 *
 * <p>A request is an object with {@code op}, the members of that operation, and {@code now}, the
 * time in milliseconds since 1970. The answer is {@code {"ok": …}} or {@code {"error": {"name",
 * "message", "path", "hint"}}}.
 *
 * <p>What a door makes, such as a client, no other door knows. Several threads may use one: their
 * calls wait for each other.
 */
public final class Door {
  private static final FunctionType TAKES_POINTER_AND_LENGTH =
      FunctionType.of(List.of(ValType.I32, ValType.I32), List.of());
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ReentrantLock lock = new ReentrantLock();
  private final Memory memory;
  private final ExportFunction alloc;
  private final ExportFunction free;
  private final ExportFunction call;
  private boolean broken;

  private Door() {
    Instance instance =
        Instance.builder(StuntkeyModule.load())
            .withMachineFactory(StuntkeyModule::create)
            // A third quicker on OpenJDK than the default.
            .withMemoryFactory(ByteArrayMemory::new)
            .withImportValues(
                ImportValues.builder()
                    .addFunction(
                        new HostFunction(
                            "stuntkey",
                            "random",
                            TAKES_POINTER_AND_LENGTH,
                            Door::fillWithRandomness))
                    .build())
            .build();
    memory = instance.memory();
    alloc = instance.export("alloc");
    free = instance.export("free");
    call = instance.export("call");
  }

  /**
   * Opens a door behind which nothing is yet. It is gone, with all that was made through it, when
   * it is garbage.
   *
   * @return a door
   */
  public static Door open() {
    return new Door();
  }

  /**
   * Carries out one request.
   *
   * @param request a JSON object
   * @return {@code {"ok": …}} or {@code {"error": …}}
   * @throws StuntkeyException only if the door broke, which is a mistake of stuntkey's
   */
  public String call(String request) {
    lock.lock();
    try {
      return callAlone(request);
    } finally {
      lock.unlock();
    }
  }

  ReentrantLock lock() {
    return lock;
  }

  boolean isBroken() {
    return broken;
  }

  private String callAlone(String request) {
    if (broken) {
      throw StuntkeyException.broken(null);
    }
    byte[] bytes = request.getBytes(StandardCharsets.UTF_8);
    try {
      int pointer = (int) alloc.apply(bytes.length)[0];
      memory.write(pointer, bytes);
      long answer = call.apply(pointer, bytes.length)[0];
      free.apply(pointer, bytes.length);
      int answerPointer = (int) (answer >>> 32);
      int answerLength = (int) answer;
      byte[] answerBytes = memory.readBytes(answerPointer, answerLength);
      free.apply(answerPointer, answerLength);
      return new String(answerBytes, StandardCharsets.UTF_8);
    } catch (ChicoryException | StackOverflowError trap) {
      // What the module was at is half done, and nothing can be said of its memory any more.
      broken = true;
      throw StuntkeyException.broken(trap);
    }
  }

  private static long[] fillWithRandomness(Instance instance, long... pointerAndLength) {
    byte[] bytes = new byte[(int) pointerAndLength[1]];
    RANDOM.nextBytes(bytes);
    instance.memory().write((int) pointerAndLength[0], bytes);
    return null;
  }
}
