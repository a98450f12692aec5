package dev.stuntkey.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.stuntkey.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TranscriptTest {
  @Test
  void sameSeedSameBytes() throws IOException {
    String text = Files.readString(Path.of("..", "transcript.json"));
    Door door = Door.open();
    // Until there is a client, nothing stands for it.
    String client = "$client";
    int played = 0;
    for (JsonElement exchange :
        JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("exchanges")) {
      JsonObject request = exchange.getAsJsonObject().getAsJsonObject("request");
      String answer = door.call(request.toString().replace("\"$client\"", client));
      if (request.get("op").getAsString().equals("client.new") && answer.startsWith("{\"ok\"")) {
        client = answer.replaceAll("\\D", "");
      }
      String expected = exchange.getAsJsonObject().get("answer").getAsString();
      assertEquals(expected, answer.replace(client, "$client"), () -> request.toString());
      played++;
    }
    assertTrue(played > 100, played + " exchanges");
  }
}
