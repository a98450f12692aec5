// What the checks call in the page. Bytes travel as base64.
"use strict";

var text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
var data = (string) => Uint8Array.from(atob(string), (character) => character.charCodeAt(0));

async function post(path, body) {
  const response = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error("the relying party refused: " + answer.refused);
  return answer;
}

async function begin(ceremony, wishes) {
  const userVerification = wishes.userVerification ?? wishes.authenticatorSelection?.userVerification ?? "discouraged";
  return data((await post("/begin", { ceremony, userVerification })).challenge);
}

var describe = ({ flags, counter }) => `flags ${flags.toString(16)}, counter ${counter}`;

// The id of the credential that was registered last.
var registered;

async function register(wishes = {}) {
  const credential = await navigator.credentials.create({
    publicKey: {
      rp: { id: "localhost", name: "a page" },
      user: { id: data(btoa("alice")), name: "alice", displayName: "Alice" },
      // Without RS256, which keys lack, Chromium warns.
      pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { userVerification: "discouraged" },
      timeout: 60000,
      ...wishes,
      challenge: await begin("create", wishes),
    },
  });
  const { clientDataJSON, attestationObject } = credential.response;
  const answer = await post("/registered", {
    clientDataJSON: text(clientDataJSON),
    attestationObject: text(attestationObject),
  });
  registered = credential.rawId;
  const extensions = JSON.stringify(credential.getClientExtensionResults());
  return `${describe(answer)}, ${credential.authenticatorAttachment}, ${credential.response.getTransports()}, ${extensions}`;
}

var known = () => [{ type: "public-key", id: registered }];

async function get(wishes, others) {
  return await navigator.credentials.get({
    ...others,
    publicKey: {
      rpId: "localhost",
      allowCredentials: known(),
      userVerification: "discouraged",
      timeout: 60000,
      ...wishes,
      challenge: await begin("get", wishes),
    },
  });
}

async function logIn(wishes = {}, others = {}, change = () => {}) {
  const credential = await get(wishes, others);
  const { clientDataJSON, authenticatorData, signature } = credential.response;
  change(new Uint8Array(signature));
  const answer = await post("/logged_in", {
    id: text(credential.rawId),
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
  });
  return describe(answer);
}
