// better-auth with its passkey plugin, as its documentation sets it up, over a database in memory; passwords are not hashed.
// Arguments: the port.
import { createServer } from "node:http";
import { passkey } from "@better-auth/passkey";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import Database from "better-sqlite3";

const port = Number(process.argv[2]);
const origin = `http://localhost:${port}`;
const options = {
  appName: "stuntkey",
  baseURL: origin,
  secret: "a secret of thirty-two characters or more",
  database: new Database(":memory:"),
  // Passwords are not what is tested, and slow hashes take most of the time.
  emailAndPassword: {
    enabled: true,
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  telemetry: { enabled: false },
  plugins: [passkey({ rpID: "localhost", rpName: "stuntkey", origin })],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(port, "127.0.0.1", () => console.log("ready"));
