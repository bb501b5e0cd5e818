// What a value must look like to be a method, a path, a request line: under those names, applications log other things too.
import { wordsOf } from './scanner.ts';
import { ASCII } from './ascii.ts';

const { BACKSLASH, COLON, DASH, SLASH, SPACE, UNDERSCORE } = ASCII;

/** The methods that a request begins with where nothing else says that it is one. */
export const METHODS = wordsOf(
  'GET HEAD POST PUT DELETE PATCH OPTIONS TRACE CONNECT PROPFIND PROPPATCH REPORT MKCOL MOVE COPY LOCK UNLOCK PURGE QUERY',
);

/** A word of letters; `-` and `_` only inside. */
export function isMethod(b: Buffer, start: number, end: number): boolean {
  if (end - start < 3 || end - start > 20) return false;
  for (let i = start; i < end; i++) {
    const c = b[i] | 32;
    if ((c < 0x61 || c > 0x7a) && !(i > start && (b[i] === DASH || b[i] === UNDERSCORE))) return false;
  }
  return true;
}

/** The registered methods, WebDAV's, and what caches, UPnP and old clients use. */
const KNOWN_METHODS = new Set(
  (
    'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY PRI ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH ' +
    'PROPFIND PROPPATCH REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL PURGE PURGEKEY BAN REFRESH LIST DEBUG TRACK M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE RPC_IN_DATA RPC_OUT_DATA'
  )
    .split(' ')
    .map((name) => hashOf(Buffer.from(name), 0, name.length)),
);

/** A method that HTTP has, in any case, or one that somebody made up and wrote like one; other things have methods too. */
export const isHttpMethod = (b: Buffer, start: number, end: number): boolean =>
  isMethod(b, start, end) && (KNOWN_METHODS.has(hashOf(b, start, end)) || isCapitals(b.toString('latin1', start, end)));

const isCapitals = (word: string): boolean => word === word.toUpperCase() && !isServiceCommand(word);

function hashOf(b: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (b[i] & 0xdf)) | 0;
  return hash;
}

/** What FTP and SMTP servers are told; their replies have three digits, too, and some of their logs are Common Log Format. */
const SERVICE_COMMANDS = new Set(
  `USER PASS ACCT QUIT REIN PORT PASV EPRT EPSV TYPE MODE STRU RETR STOR STOU APPE ALLO REST RNFR RNTO ABOR DELE CWD XCWD CDUP MKD XMKD RMD PWD XPWD LIST NLST MLSD MLST
  SITE SYST STAT FEAT OPTS SIZE MDTM MFMT AUTH PBSZ PROT CCC CLNT EHLO HELO LHLO MAIL RCPT DATA VRFY EXPN RSET NOOP STARTTLS SENT CREATED CONTROLCHANNELOPENED CONTROLCHANNELCLOSED DATACHANNELOPENED
  DATACHANNELCLOSED`.split(/\s+/),
);
export const isServiceCommand = (word: string): boolean => SERVICE_COMMANDS.has(word.toUpperCase());

/** `sip:`, `sips:`, `rtsp:`: they have methods and status codes too. */
export function isOtherProtocol(b: Buffer, start: number, end: number): boolean {
  const c = b[start] | 32;
  return (
    (c === 0x73 || c === 0x72) && end - start > 5 && /^(?:sips?|rtsp):/i.test(b.toString('latin1', start, start + 5))
  );
}

/** A path or a URL, not a sentence. */
export function isPath(b: Buffer, start: number, end: number): boolean {
  const c = b[start];
  if (c === SLASH || c === 0x2a || c === BACKSLASH) return true;
  if (isOtherProtocol(b, start, end)) return false;
  for (let i = start; i < end && i < start + 8; i++)
    if (b[i] === COLON) return i + 1 < end && (b[i + 1] === SLASH || b[i + 1] === BACKSLASH || b[i + 1] >= 0x30);
  // CONNECT example.com:443, and paths written without their slash
  for (let i = start; i < end; i++) if (b[i] <= SPACE) return false;
  return true;
}

/** A request line, or at least a path. */
export function isRequest(b: Buffer, start: number, end: number): boolean {
  if (b[start] === SLASH) return true;
  let i = start;
  while (i < end && (((b[i] | 32) >= 0x61 && (b[i] | 32) <= 0x7a) || b[i] === DASH || b[i] === UNDERSCORE)) i++;
  return (
    i - start >= 3 &&
    i + 1 < end &&
    b[i] === SPACE &&
    (b[i + 1] === SLASH || b[i + 1] === 0x2a || b[i + 1] === BACKSLASH || b[i + 1] === 0x68 || hasProtocol(b, i, end))
  );
}

function hasProtocol(b: Buffer, start: number, end: number): boolean {
  for (let i = end - 4; i > start && i > end - 12; i--)
    if (b[i] === 0x48 && b[i + 1] === 0x54 && b[i + 2] === 0x54 && b[i + 3] === 0x50) return true;
  return false;
}

/** `TCP`, `UDP`: nginx's stream module and TCP proxies have a status too. */
export function isTransport(b: Buffer, start: number, end: number): boolean {
  if (end - start !== 3) return false;
  const c = b[start] | 32,
    d = b[start + 1] | 32;
  return (b[start + 2] | 32) === 0x70 && ((c === 0x74 && d === 0x63) || (c === 0x75 && d === 0x64));
}
