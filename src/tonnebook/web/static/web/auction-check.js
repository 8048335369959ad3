"use strict";
// Checks the public file of an auction in the browser, as tonnebook_audit.auction_file does and in the same words: the
// log's signature and proofs (SHA-256), the envelopes (HPKE, RFC 9180) with the published key, and the clearing.
(() => {
  const { subtle } = crypto;
  const ascii = (text) => new TextEncoder().encode(text);
  const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hex = (data) => [...data].map((one) => one.toString(16).padStart(2, "0")).join("");
  const base64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const sha256 = async (...parts) => new Uint8Array(await subtle.digest("SHA-256", joined(...parts)));
  const WORDS = {
    file: () => ["文件不是竞价结果文件（结构不符）。", "The file is no result of an auction: it has not the right fields."],
    note: () => ["截止后的检查点未由日志公钥签署，或不是所信任的公钥。", "The checkpoint after the close is not signed by the log's key, or that key is not the trusted one."],
    announced: () => ["公告没有日志证明。", "What was announced does not stand in the log."],
    count: () => ["截止后的报价总数没有日志证明。", "How many bids there are does not stand in the log after the close."],
    key: () => ["公布的私钥与公告的开标公钥不符。", "The published secret does not belong to the announced opening key."],
    late: (bid) => [`报价 ${bid} 在截止时不在公开日志中（事后加入）。`, `Bid ${bid} was not in the log at the close.`],
    changed: (bid) => [`报价 ${bid} 的密封内容或限额与日志不符（被改动）。`, `Bid ${bid} is not the one logged.`],
    outside: (bid) => [`报价 ${bid} 不在竞价时间内。`, `Bid ${bid} was placed outside the time for bids.`],
    withdrawal: (bid) => [`报价 ${bid} 的撤回没有日志证明，或与状态不符。`, `The withdrawal of bid ${bid} is not in the log.`],
    missing: (seq) => [`缺少第 ${seq} 号报价（被删除）。`, `Bid number ${seq} is missing.`],
    order: () => ["报价顺序与日志不符。", "The order of the bids is not that of the log."],
    bid: (bid) => [`报价 ${bid} 的内容或结果与开封重算不符。`, `Bid ${bid} comes out differently.`],
    result: () => ["公布的结果与重算不符。", "The published result is not what the bids come to."],
  };
  const need = (holds) => { if (!holds) throw new TypeError("not the right fields"); };

  // The log: canonical JSON of a leaf, the way from it to the root, and the signature below the checkpoint.
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") { need(typeof value !== "number"); return JSON.stringify(value); }
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  };
  const sides = (index, size) => {
    const found = [];
    while (size > 1) {
      let half = 1;
      while (half * 2 < size) half *= 2;
      if (index < half) { found.unshift("left"); size = half; } else { found.unshift("right"); index -= half; size -= half; }
    }
    return found;
  };
  const readNote = (note) => {
    const at = note.lastIndexOf("\n\n");
    const [, size, root] = note.slice(0, at).split("\n");
    return { text: note.slice(0, at + 1), signatures: note.slice(at + 2).trimEnd().split("\n"), size: Number(size), root: base64(root) };
  };
  const stands = async (head, proof) => {
    const steps = sides(proof.index, head.size);
    if (!(proof.index >= 0 && proof.index < head.size) || steps.length !== proof.path.length) return false;
    let node = await sha256([0], ascii(canonical(proof.leaf)));
    for (const [place, side] of steps.entries()) {
      const sibling = bytes(proof.path[place]);
      node = side === "right" ? await sha256([1], sibling, node) : await sha256([1], node, sibling);
    }
    return hex(node) === hex(head.root);
  };
  // True or false; null where this browser or this page does not know the kind of the key.
  const isSigned = async (head, logKey) => {
    const [name, id, ...encoded] = logKey.split("+");
    const key = base64(encoded.join("+"));
    if (key[0] !== 1) return null;
    const own = head.signatures.filter((line) => line.startsWith(`\u2014 ${name} `)).map((line) => base64(line.split(" ")[2]));
    const mine = own.filter((one) => hex(one.slice(0, 4)) === id);
    if (hex((await sha256(ascii(`${name}\n`), key)).slice(0, 4)) !== id || !mine.length) return false;
    let signer;
    try { signer = await subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]); } catch { return null; }
    const checked = await Promise.all(mine.map((one) => subtle.verify("Ed25519", signer, one.slice(4), ascii(head.text))));
    return checked.every(Boolean);
  };

  // The envelopes.
  const KEM = joined(ascii("KEM"), [0, 0x20]);
  const HPKE = joined(ascii("HPKE"), [0, 0x20, 0, 1, 0, 2]);
  const EMPTY = new Uint8Array(32);
  const mac = async (key, message) => {
    const made = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", made, message));
  };
  const extract = (suite, salt, label, key) => mac(salt, joined(ascii("HPKE-v1"), suite, ascii(label), key));
  const expand = async (root, suite, label, info, size) =>
    (await mac(root, joined([0, size], ascii("HPKE-v1"), suite, ascii(label), info, [1]))).slice(0, size);
  const url64 = (data) => btoa(String.fromCharCode(...data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const X25519 = { name: "X25519" };
  const shared = async (own, theirs) => {
    const key = await subtle.importKey("raw", theirs, X25519, false, []);
    return new Uint8Array(await subtle.deriveBits({ ...X25519, public: key }, own, 256));
  };
  const privateKey = (secret, known) =>
    subtle.importKey("jwk", { kty: "OKP", crv: "X25519", d: url64(secret), x: url64(known) }, X25519, false, ["deriveBits"]);
  const open = async (envelope, boundTo, own, openingKey) => {
    const sent = envelope.slice(0, 32);
    try {
      const secret = await expand(
        await extract(KEM, EMPTY, "eae_prk", await shared(own, sent)), KEM, "shared_secret", joined(sent, openingKey), 32);
      const schedule = joined(
        [0], await extract(HPKE, EMPTY, "psk_id_hash", []), await extract(HPKE, EMPTY, "info_hash", boundTo));
      const root = await extract(HPKE, secret, "secret", []);
      const key = await subtle.importKey(
        "raw", await expand(root, HPKE, "key", schedule, 32), "AES-GCM", false, ["decrypt"]);
      const iv = await expand(root, HPKE, "base_nonce", schedule, 12);
      const text = new TextDecoder().decode(await subtle.decrypt({ name: "AES-GCM", iv }, key, envelope.slice(32)));
      const found = /^(\d{15}) (\d{15})$/.exec(text);
      const [price, quantity] = found ? [BigInt(found[1]), BigInt(found[2])] : [0n, 0n];
      return price && quantity ? { price, quantity } : null;
    } catch { return null; }
  };

  // The clearing: which bids are void, how much the others receive, the price, and what all of them pay.
  const whyVoid = (bid, offer, facts, asked, together) => {
    if (bid.void_reason === "RESERVE_LOST") return "RESERVE_LOST";
    if (!offer) return "UNREADABLE";
    if (offer.price < BigInt(facts.floor_price_fen_per_t)) return "BELOW_FLOOR";
    if (offer.quantity < BigInt(facts.bid_t_min)) return "BELOW_SIZE";
    if (offer.price * offer.quantity > BigInt(bid.deposit_fen)) return "ABOVE_DEPOSIT";
    if (bid.limit_t !== null && asked + offer.quantity > BigInt(bid.limit_t)) return "ABOVE_LIMIT";
    return bid.group_limit_t !== null && together + offer.quantity > BigInt(bid.group_limit_t) ? "ABOVE_GROUP_LIMIT" : "";
  };
  const shareOut = (equal, left, tieBreak) => {
    const total = equal.reduce((sum, one) => sum + one.quantity, 0n);
    if (tieBreak === "PRO_RATA" && total > left) {
      for (const one of equal) one.awarded = (left * one.quantity) / total;
      const over = left - equal.reduce((sum, one) => sum + one.awarded, 0n);
      const rest = (one) => (left * one.quantity) % total;
      const byRest = [...equal].sort((a, b) => (rest(a) === rest(b) ? a.seq - b.seq : rest(a) > rest(b) ? -1 : 1));
      for (const one of byRest.slice(0, Number(over))) one.awarded += 1n;
      return;
    }
    for (const one of equal) { one.awarded = one.quantity < left ? one.quantity : left; left -= one.awarded; }
  };
  const clear = (decided, facts) => {
    const valid = decided.filter((one) => !one.reason).sort((a, b) => (a.price === b.price ? a.seq - b.seq : a.price > b.price ? -1 : 1));
    const offered = BigInt(facts.quantity_t);
    const demand = valid.reduce((sum, one) => sum + one.quantity, 0n);
    const bidders = new Set(valid.map((one) => one.bidder)).size;
    let [left, price] = [offered, null];
    if (bidders >= Number(facts.bidders_min) && !(demand < offered && facts.shortage === "NOTHING")) {
      for (let start = 0; start < valid.length && left > 0n;) {
        price = valid[start].price;
        const equal = valid.filter((one) => one.price === price);
        shareOut(equal, left, facts.tie_break);
        left -= equal.reduce((sum, one) => sum + one.awarded, 0n);
        start += equal.length;
      }
      const isFloor = (demand < offered && facts.shortage === "FLOOR") || (demand <= offered && facts.shortage === "FLOOR_UNLESS_EXCEEDED");
      if (price !== null && isFloor && facts.pricing !== "PAY_AS_BID") price = BigInt(facts.floor_price_fen_per_t);
    }
    const paid = (one) => one.awarded * (facts.pricing === "PAY_AS_BID" ? one.price : price ?? 0n);
    const proceeds = valid.reduce((sum, one) => sum + paid(one), 0n);
    return {
      price_fen_per_t: price, sold_t: offered - left, unsold_t: left, demand_t: demand, bidders: BigInt(bidders), proceeds_fen: proceeds,
    };
  };
  const same = (figure, told) => (figure === null ? told === null : told !== null && BigInt(told) === figure);

  const checkBid = async (file, head, bid) => {
    const found = [];
    const { placed, withdrawn } = bid;
    if (!(await stands(head, placed))) found.push(WORDS.late(bid.bid));
    const limits = [bid.limit_t, bid.group_limit_t].map((limit) => (limit === null ? "-" : String(limit)));
    const told = ["tonnebook-limits-1", bid.mark, bid.bidder, bid.group, ...limits].join("\n");
    const expected = {
      auction: file.auction, bid: bid.bid, seq: String(bid.seq),
      envelope_digest: hex(await sha256(bytes(bid.envelope))), limits_digest: hex(await sha256(ascii(told))),
    };
    if (placed.leaf.kind !== "market.bid.placed" || canonical(placed.leaf.facts) !== canonical(expected)) found.push(WORDS.changed(bid.bid));
    const { opens_at: opens, closes_at: closes } = file.announced.leaf.facts;
    if (!(opens <= placed.leaf.at && placed.leaf.at < closes)) found.push(WORDS.outside(bid.bid));
    const isGone = withdrawn !== null && withdrawn.leaf.kind === "market.bid.withdrawn"
      && canonical(withdrawn.leaf.facts) === canonical({ auction: file.auction, bid: bid.bid }) && (await stands(head, withdrawn));
    if ((bid.state === "WITHDRAWN") !== isGone) found.push(WORDS.withdrawal(bid.bid));
    return found;
  };
  const checkCount = async (file, head) => {
    const { leaf, index } = file.counted;
    const isCount = leaf.kind === "market.auction.bids_counted" && leaf.facts.auction === file.auction;
    const found = isCount && leaf.at >= file.announced.leaf.facts.closes_at && (await stands(head, file.counted)) ? [] : [WORDS.count()];
    const count = Number(leaf.facts.bids);
    const there = new Set(file.bids.map((bid) => bid.seq));
    const missing = Array.from({ length: count }, (_, place) => place + 1).filter((seq) => !there.has(seq));
    found.push(...missing.map(WORDS.missing));
    const places = [...file.bids].sort((a, b) => a.seq - b.seq).map((bid) => bid.placed.index).concat(index);
    if (places.some((place, at) => at && place < places[at - 1]) || file.bids.length !== count - missing.length) found.push(WORDS.order());
    return found;
  };
  const checkResult = async (file, own, openingKey) => {
    const [facts, asked, found, decided] = [file.announced.leaf.facts, new Map(), [], []];
    const standing = file.bids.filter((bid) => bid.state !== "WITHDRAWN").sort((a, b) => a.seq - b.seq);
    for (const bid of standing) {
      const boundTo = ascii(`tonnebook-bid-1\n${file.auction}\n${bid.mark}\n${bid.deposit_fen}`);
      const offer = await open(bytes(bid.envelope), boundTo, own, openingKey);
      const [mine, ours] = [`bidder ${bid.bidder}`, `group ${bid.group}`];
      const reason = whyVoid(bid, offer, facts, asked.get(mine) ?? 0n, asked.get(ours) ?? 0n);
      if (!reason) for (const name of [mine, ours]) asked.set(name, (asked.get(name) ?? 0n) + offer.quantity);
      decided.push({ seq: bid.seq, bidder: bid.bidder, reason, awarded: 0n, price: offer?.price ?? null, quantity: offer?.quantity ?? null });
    }
    const result = clear(decided, facts);
    for (const [place, bid] of standing.entries()) {
      const due = decided[place];
      const isSame = same(due.price, bid.price_fen_per_t) && same(due.quantity, bid.quantity_t) && due.reason === bid.void_reason && same(due.awarded, bid.awarded_t);
      if (!isSame) found.push(WORDS.bid(bid.bid));
    }
    if (!Object.entries(result).every(([name, figure]) => same(figure, file.result[name]))) found.push(WORDS.result());
    return found;
  };
  const check = async (text) => {
    try {
      const file = JSON.parse(text);
      need(file.format === "tonnebook-auction-3");
      const head = readNote(file.checkpoint);
      const { leaf } = file.announced;
      const signed = await isSigned(head, file.log_key);
      const found = signed === false ? [WORDS.note()] : [];
      const isAnnounced = leaf.kind === "market.auction.announced" && leaf.facts.auction === file.auction;
      if (!(isAnnounced && (await stands(head, file.announced)))) found.push(WORDS.announced());
      for (const bid of file.bids) found.push(...(await checkBid(file, head, bid)));
      found.push(...(await checkCount(file, head)));
      const openingKey = bytes(leaf.facts.opening_key);
      let own;
      try { own = await privateKey(bytes(file.opened_with), openingKey); } catch { own = null; }
      const base = joined([9], new Uint8Array(31));
      if (!own || hex(await shared(own, base)) !== hex(openingKey)) return { found: [...found, WORDS.key()], signed };
      return { found: [...found, ...(await checkResult(file, own, openingKey))], signed };
    } catch { return { found: [WORDS.file()], signed: true }; }
  };

  document.querySelectorAll("[data-auction-check]").forEach((panel) => {
    const part = (name) => panel.querySelector(`[data-check="${name}"]`);
    const chinese = document.documentElement.lang.startsWith("zh");
    part("file").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      for (const name of ["good", "bad", "old", "unsigned"]) part(name).hidden = true;
      try { await subtle.generateKey(X25519, false, ["deriveBits"]); } catch { part("old").hidden = false; return; }
      const { found, signed } = await check(await file.text());
      part("findings").replaceChildren(...found.map(([zh, en]) => Object.assign(document.createElement("li"), { textContent: chinese ? zh : en })));
      part(found.length ? "bad" : "good").hidden = false;
      part("unsigned").hidden = signed !== null;
    });
  });
})();
