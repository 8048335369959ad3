// Check a receipt of the public log with what the browser has: SHA-256, HMAC and Ed25519 of WebCrypto, SM2 and SM3 here.
// A third hand beside the system and the auditor: it shares no line with either. Nothing in it can reach a network.
"use strict";

const WORDS = {
  shape: ["文件是凭证，叶子内容为规范 JSON", "The file is a receipt and its leaf is canonical"],
  seal: ["公开的保密字段与叶子中的承诺一致", "The opened private fields are those the leaf commits to"],
  trusted: ["公钥与您填写的一致", "The key is the one you gave"],
  signature: ["检查点由该公钥签名（Ed25519）", "The checkpoint is signed with that key (Ed25519)"],
  others: ["第二签名（SM2）与各见证人的签名有效", "The second signature (SM2) and those of all witnesses hold"],
  log: ["叶子在所签名的日志中，或其承诺已签名", "The leaf stands in the log that was signed, or its promise is signed"],
  good: ["凭证有效", "The receipt is good"],
  bad: ["凭证无效", "The receipt does not hold"],
  pending: ["签名承诺：尚未编号", "A signed promise: not numbered yet"],
  place: ["在日志中的位置（从 0 起）／日志长度", "Place in the log (from 0) / length of the log"],
  named: ["凭证写有该文件的摘要", "The receipt names the digest of this file"],
  unnamed: ["凭证没有该文件的摘要", "The receipt does not name the digest of this file"],
  old: ["本浏览器不支持 Ed25519，请换用较新的浏览器", "This browser does not know Ed25519; take a newer one"],
  witness: ["见证", "Witnessed"],
};

// --- Bytes ----------------------------------------------------------------------------------------------------------

const encode = (text) => new TextEncoder().encode(text);
const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const equal = (left, right) => hex(left) === hex(right);

/** Decode base64 that is written the one right way; null otherwise. */
function fromBase64(text) {
  try {
    const raw = atob(text);
    return btoa(raw) === text ? Uint8Array.from(raw, (sign) => sign.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

async function hmac(key, data) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

// --- JSON: read strictly, for JSON.parse forgives a name that stands twice --------------------------------------------

const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?![0-9.eE]))|(true|false|null))/y;

class Malformed extends Error {}

function parse(text) {
  let at = 0;
  const next = () => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new Malformed();
    at = TOKEN.lastIndex;
    return found;
  };
  const value = (token, depth) => {
    if (depth > 64) throw new Malformed();
    if (token[2]) return JSON.parse(token[2]);
    if (token[3]) return Number(token[3]);
    if (token[4]) return JSON.parse(token[4]);
    if (token[1] === "[") return list(depth);
    if (token[1] === "{") return object(depth);
    throw new Malformed();
  };
  const list = (depth) => {
    const items = [];
    for (let token = next(); token[1] !== "]"; token = next()) {
      if (items.length) {
        if (token[1] !== ",") throw new Malformed();
        token = next();
      }
      items.push(value(token, depth + 1));
    }
    return items;
  };
  const object = (depth) => {
    const members = new Map();
    for (let token = next(); token[1] !== "}"; token = next()) {
      if (members.size) {
        if (token[1] !== ",") throw new Malformed();
        token = next();
      }
      if (!token[2] || next()[1] !== ":") throw new Malformed();
      const name = JSON.parse(token[2]);
      if (members.has(name)) throw new Malformed();
      members.set(name, value(next(), depth + 1));
    }
    return members;
  };
  const whole = value(next(), 0);
  if (/[^ \t\n\r]/.test(text.slice(at))) throw new Malformed();
  return whole;
}

/** Write a value in the one canonical form (RFC 8785); whole numbers stand in a leaf as text, so a number has none. */
function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) throw new Malformed();
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!(value instanceof Map)) throw new Malformed();
  const names = [...value.keys()].sort((one, other) => (one < other ? -1 : 1));
  return `{${names.map((name) => `${canonical(name)}:${canonical(value.get(name))}`).join(",")}}`;
}

// --- SM3 and SM2 (GB 32905, GB 32918) ---------------------------------------------------------------------------------

const turn = (word, by) => (word << by % 32) | (word >>> (32 - (by % 32)) % 32);

function sm3(data) {
  const state = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
  const padded = new Uint8Array(((data.length + 72) >> 6) << 6);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 0x20000000));
  view.setUint32(padded.length - 4, (data.length * 8) >>> 0);
  for (let block = 0; block < padded.length; block += 64) sm3Block(state, view, block);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, place) => digest.setUint32(place * 4, word));
  return new Uint8Array(digest.buffer);
}

function sm3Block(state, view, block) {
  const words = Array.from({ length: 16 }, (_, place) => view.getUint32(block + place * 4));
  for (let j = 16; j < 68; j++) {
    const mixed = words[j - 16] ^ words[j - 9] ^ turn(words[j - 3], 15);
    words.push(mixed ^ turn(mixed, 15) ^ turn(mixed, 23) ^ turn(words[j - 13], 7) ^ words[j - 6]);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let j = 0; j < 64; j++) {
    const early = j < 16;
    const one = turn((turn(a, 12) + e + turn(early ? 0x79cc4519 : 0x7a879d8a, j)) | 0, 7);
    const upper = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const lower = early ? e ^ f ^ g : (e & f) | (~e & g);
    const first = (upper + d + (one ^ turn(a, 12)) + (words[j] ^ words[j + 4])) | 0;
    const second = (lower + h + one + words[j]) | 0;
    [a, b, c, d] = [first, a, turn(b, 9), c];
    [e, f, g, h] = [second ^ turn(second, 9) ^ turn(second, 17), e, turn(f, 19), g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, place) => (state[place] ^= word));
}

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const A = P - 3n;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const G = [
  0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
];

const number = (bytes) => BigInt(`0x${hex(bytes)}`);
const bytesOf = (value) => fromHex(value.toString(16).padStart(64, "0"));
const modulo = (value) => ((value % P) + P) % P;

function inverse(value) {
  let [low, high, under, over] = [modulo(value), P, 1n, 0n];
  while (low > 1n) {
    const times = high / low;
    [low, high, under, over] = [high - times * low, low, over - times * under, under];
  }
  return modulo(under);
}

function add(left, right) {
  if (!left || !right) return left ?? right;
  const [[x1, y1], [x2, y2]] = [left, right];
  if (x1 === x2 && modulo(y1 + y2) === 0n) return null;
  const slope = x1 === x2 ? (3n * x1 * x1 + A) * inverse(2n * y1) : (y2 - y1) * inverse(x2 - x1);
  const x3 = modulo(slope * slope - x1 - x2);
  return [x3, modulo(slope * (x1 - x3) - y1)];
}

function times(factor, point) {
  let product = null;
  for (const bit of factor.toString(2)) {
    product = add(product, product);
    if (bit === "1") product = add(product, point);
  }
  return product;
}

function sm2Signed(key, message, signature) {
  if (key.length !== 64 || signature.length !== 64) return false;
  const [x, y, r, s] = [key.slice(0, 32), key.slice(32), signature.slice(0, 32), signature.slice(32)].map(number);
  const t = (r + s) % N;
  if (x >= P || y >= P || modulo(y * y - x * x * x - A * x - B) !== 0n) return false;
  if (r === 0n || s === 0n || r >= N || s >= N || t === 0n) return false;
  const point = add(times(s, G), times(t, [x, y]));
  const identity = encode("1234567812345678");
  const curve = join(bytesOf(A), bytesOf(B), ...G.map(bytesOf));
  const digest = sm3(join(sm3(join(Uint8Array.of(0, 128), identity, curve, key)), message));
  return point !== null && (number(digest) + point[0]) % N === r;
}

// --- Signed notes (C2SP signed-note, tlog-cosignature) ------------------------------------------------------------------

const KINDS = [
  { name: "ED25519", mark: Uint8Array.of(1), size: 32 },
  { name: "COSIGNATURE", mark: Uint8Array.of(4), size: 32 },
  { name: "SM2", mark: join(Uint8Array.of(255), encode("SM2-with-SM3:")), size: 64 },
];
const isName = (name) => name !== "" && !/[\s+]/u.test(name);

async function readKey(text) {
  const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/su.exec(text) ?? [];
  const material = encoded === undefined ? null : fromBase64(encoded);
  if (!material || !isName(name)) return null;
  const kind = KINDS.find((one) => equal(material.slice(0, one.mark.length), one.mark));
  if (!kind || material.length !== kind.mark.length + kind.size) return null;
  const own = (await sha256(encode(`${name}\n`), material)).slice(0, 4);
  return hex(own) === id ? { name, id, kind: kind.name, bytes: material.slice(kind.mark.length) } : null;
}

function readNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 1 || /[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith("\n")) return null;
  const lines = note.slice(cut + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
    const data = encoded ? fromBase64(encoded) : null;
    return data && data.length > 4 && isName(name) ? { name, id: hex(data.slice(0, 4)), body: data.slice(4) } : null;
  });
  if (signatures.includes(null) || signatures.length > 32) return null;
  const text = note.slice(0, cut + 1);
  return { text, lines: text.slice(0, -1).split("\n"), signatures };
}

async function ed25519Signed(key, message, signature) {
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

const secondsOf = (body) => Number(number(body.slice(0, 8)));

async function hasSigned(key, text, body) {
  if (key.kind === "SM2") return sm2Signed(key.bytes, encode(text), body);
  if (key.kind === "ED25519") return ed25519Signed(key.bytes, encode(text), body);
  if (body.length !== 72 || body[0] > 127) return false;
  const said = `cosignature/v1\ntime ${number(body.slice(0, 8))}\n${text}`;
  return ed25519Signed(key.bytes, encode(said), body.slice(8));
}

const linesBy = (note, key) => note.signatures.filter((line) => line.name === key.name && line.id === key.id);

async function isSignedBy(note, key) {
  const lines = linesBy(note, key);
  const held = await Promise.all(lines.map((line) => hasSigned(key, note.text, line.body)));
  return lines.length > 0 && held.every(Boolean);
}

// --- The receipt ------------------------------------------------------------------------------------------------------

const FIELDS = ["checkpoint", "index", "leaf", "origin", "path", "pending", "public_key", "salt", "sealed", "size"];
const HASH = /^[0-9a-f]{64}$/;
const isTexts = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");
const sorted = (names) => [...names].sort().join();

function isShaped(receipt) {
  if (!(receipt instanceof Map)) return false;
  const get = (name) => receipt.get(name);
  const names = [...receipt.keys()].filter((name) => name !== "cosigners");
  const leaf = get("leaf");
  if (sorted(names) !== FIELDS.join() || !isTexts(get("cosigners") ?? []) || !(leaf instanceof Map)) return false;
  if (!["at,facts,kind", "at,facts,kind,sealed"].includes(sorted(leaf.keys()))) return false;
  if (!isTexts([get("origin"), get("checkpoint"), get("public_key")])) return false;
  if (!isTexts(get("path")) || !get("path").every((node) => HASH.test(node))) return false;
  if (get("pending") === true) return get("index") === null && get("size") === null && get("path").length === 0;
  return get("pending") === false && [get("index"), get("size")].every(Number.isSafeInteger);
}

async function isSealWhole(receipt) {
  const [sealed, salt] = [receipt.get("sealed"), receipt.get("salt")];
  if (sealed === null && salt === null) return true;
  if (sealed === null || typeof salt !== "string" || !HASH.test(salt)) return false;
  try {
    return hex(await hmac(fromHex(salt), encode(canonical(sealed)))) === receipt.get("leaf").get("sealed");
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

/** From the leaf upwards: on which side the walked node stands, as RFC 6962 splits the tree. */
function sides(index, size) {
  const found = [];
  while (size > 1) {
    let half = 1;
    while (half * 2 < size) half *= 2;
    found.push(index < half ? "left" : "right");
    [index, size] = index < half ? [index, half] : [index - half, size - half];
  }
  return found.reverse();
}

async function rootOf(leaf, receipt) {
  const [index, size, path] = ["index", "size", "path"].map((name) => receipt.get(name));
  if (index < 0 || index >= size) return null;
  const steps = sides(index, size);
  if (steps.length !== path.length) return null;
  let node = leaf;
  for (const [place, side] of steps.entries()) {
    const sibling = fromHex(path[place]);
    node = await sha256(Uint8Array.of(1), ...(side === "left" ? [node, sibling] : [sibling, node]));
  }
  return node;
}

async function isInLog(receipt, note, leaf) {
  const [origin, head, encoded] = note.lines;
  const signed = fromBase64(encoded);
  if (origin !== receipt.get("origin") || !signed) return false;
  if (receipt.get("pending")) return head === "promise" && equal(signed, leaf);
  const root = await rootOf(leaf, receipt);
  return head === String(receipt.get("size")) && root !== null && equal(root, signed);
}

async function areOthersGood(receipt, note, key) {
  const others = await Promise.all((receipt.get("cosigners") ?? []).map(readKey));
  if (others.includes(null)) return false;
  const held = await Promise.all(others.map((one) => isSignedBy(note, one)));
  const known = [key, ...others].filter(Boolean).reduce((count, one) => count + linesBy(note, one).length, 0);
  return held.every(Boolean) && known === note.signatures.length;
}

/** Check a receipt; gives the steps with whether each holds, and the receipt once it can be read. */
async function verifyReceipt(text, trusted = "") {
  let receipt = null;
  let leaf = null;
  try {
    const read = parse(text);
    if (isShaped(read)) {
      leaf = await sha256(Uint8Array.of(0), encode(canonical(read.get("leaf"))));
      receipt = read;
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  const steps = [["shape", receipt !== null]];
  if (!receipt) return { good: false, steps, receipt };
  steps.push(["seal", await isSealWhole(receipt)]);
  if (trusted) steps.push(["trusted", trusted === receipt.get("public_key")]);
  const key = await readKey(receipt.get("public_key"));
  const note = readNote(receipt.get("checkpoint"));
  const whole = note !== null && note.lines.length === 3;
  const own = key !== null && key.kind === "ED25519" && key.name === receipt.get("origin");
  steps.push(["signature", whole && own && (await isSignedBy(note, key))]);
  steps.push(["others", whole && (await areOthersGood(receipt, note, key))]);
  steps.push(["log", whole && (await isInLog(receipt, note, leaf))]);
  return { good: steps.every(([, holds]) => holds), steps, receipt, note };
}

// --- The page -----------------------------------------------------------------------------------------------------------

const element = (id) => document.getElementById(id);
const say = (code) => WORDS[code].join(" · ");
let last = null;

function line(holds, said) {
  const item = document.createElement("li");
  item.className = holds ? "good" : "bad";
  item.textContent = `${holds ? "✓" : "✗"} ${said}`;
  return item;
}

function show(result) {
  const { good, steps, receipt, note } = result;
  element("verdict").textContent = say(good ? "good" : "bad");
  element("verdict").className = good ? "good" : "bad";
  element("steps").replaceChildren(...steps.map(([code, holds]) => line(holds, say(code))));
  element("about").replaceChildren();
  if (!receipt) return;
  const facts = [receipt.get("leaf").get("kind"), receipt.get("leaf").get("at"), receipt.get("public_key")];
  const pending = receipt.get("pending");
  facts.push(pending ? say("pending") : `${say("place")}: ${receipt.get("index")} / ${receipt.get("size")}`);
  for (const signature of note?.signatures ?? []) {
    if (signature.body.length !== 72) continue;
    facts.push(`${say("witness")}: ${signature.name}, ${new Date(secondsOf(signature.body) * 1000).toISOString()}`);
  }
  for (const fact of facts) {
    const item = document.createElement("li");
    item.textContent = fact;
    element("about").append(item);
  }
  element("leaf").textContent = canonical(receipt.get("leaf"));
}

async function take(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (last && !text.trimStart().startsWith("{")) {
    // Another file beside a receipt: a statement or a report whose digest the leaf, or what it seals, may name.
    const digest = hex(await sha256(bytes));
    const named = [last.get("leaf"), last.get("sealed")].some((part) => canonical(part).includes(`"${digest}"`));
    element("steps").append(line(named, `${file.name}: ${say(named ? "named" : "unnamed")} (${digest})`));
    return;
  }
  try {
    const result = await verifyReceipt(text, element("key").value.trim());
    last = result.receipt;
    show(result);
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    element("verdict").textContent = say("old");
    element("verdict").className = "bad";
  }
}

addEventListener("DOMContentLoaded", () => {
  element("file").addEventListener("change", (event) => [...event.target.files].forEach(take));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    [...event.dataTransfer.files].forEach(take);
  });
});
