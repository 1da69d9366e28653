// A profile, as `gerbang join` writes it: where the gateway is, and which certificate to show there.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

export function readProfile(file) {
  const lines = readFileSync(file, "utf8").matchAll(/^(\w+)\s*=\s*"(.*)"/gm);
  const values = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  for (const name of ["address", "server_name", "ca", "certificate", "key"]) {
    if (!values[name]) throw new Error(`${file}: this is no profile: ${name} is missing`);
  }
  const bytes = (name) => readFileSync(resolve(dirname(file), values[name]));
  return {
    address: values.address.replace("https://", ""),
    serverName: values.server_name,
    ca: bytes("ca"),
    certificate: bytes("certificate"),
    key: bytes("key"),
  };
}

/** The JSON of a file. Node says where it is wrong, but not in which file. */
export function readJson(file) {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: ${error.message}`);
  }
}

/** The language in which the gateway's texts are asked for, `accept-language`: that of the environment's locale. */
export function language({ LC_ALL, LC_MESSAGES, LANG } = process.env) {
  return (LC_ALL || LC_MESSAGES || LANG || "").startsWith("id") ? "id" : "en";
}
