// A profile, as `gerbang join` writes it: where the gateway is, and which certificate to show there.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

export function readProfile(file) {
  const lines = readFileSync(file, "utf8").matchAll(/^(\w+)\s*=\s*"(.*)"/gm);
  const values = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  const bytes = (name) => readFileSync(resolve(dirname(file), values[name]));
  return {
    address: values.address.replace("https://", ""),
    serverName: values.server_name,
    ca: bytes("ca"),
    certificate: bytes("certificate"),
    key: bytes("key"),
  };
}
