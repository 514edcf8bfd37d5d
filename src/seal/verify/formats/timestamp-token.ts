/**
 * Checks an RFC 3161 timestamp token over given bytes. `pkijs` checks signature, imprint
 * and chain; what the RFC demands beyond that is done here: one signer, its certificate
 * named by a signed ESS attribute (RFC 5816) and made for timestamping only, the policy,
 * and the nonce where one was sent. The chain must lead to one of the given roots as of
 * the time in the token; certificates inside the token are never trusted.
 */
import * as asn1js from 'asn1js';
import {
  AlgorithmIdentifier,
  type Attribute,
  Certificate,
  CertificateChainValidationEngine,
  ContentInfo,
  ExtKeyUsage,
  SignedData,
  TSTInfo,
} from 'pkijs';
import { type Bytes, fromBase64, sameBytes, sha256Hex, toHex } from './bytes.ts';

export interface TokenQuestion {
  /** DER of a TimeStampToken (`.tst`, what `openssl ts` calls `-token_in`). */
  token: Uint8Array;
  /** The bytes that were stamped. */
  data: Uint8Array;
  /** Certificates that are trusted, DER; see `certificatesFromPem`. `null`: the chain is not followed. */
  roots: Uint8Array[] | null;
  /** What may stand between the signer and a root, DER, where the token does not bring it. Trusted by nobody. */
  certificates?: Uint8Array[];
  /** What was sent in the request, big-endian; left out when checking later. */
  nonce?: Uint8Array;
  /** Policies that are accepted, dotted; any when left out. */
  policies?: string[];
}

export interface VerifiedToken {
  /** The bytes existed no later than this, on the authority's word. */
  genTime: Date;
  /** What the authority claims of its clock; `null` when it claims nothing. */
  accuracyMs: number | null;
  policy: string;
  /** Hexadecimal. */
  serial: string;
  /** Common name (or whole subject) of the certificate that signed. */
  authority: string;
  signerSha256: string;
}

export type TokenFault =
  | 'malformed'
  | 'signers'
  | 'imprint'
  | 'purpose'
  | 'signing-certificate'
  | 'signature'
  | 'chain'
  | 'policy'
  | 'nonce';

export class TokenError extends Error {
  override name = 'TokenError';
  readonly fault: TokenFault;

  constructor(fault: TokenFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  extendedKeyUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
};

const hashNames: Record<string, 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'> = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** @throws TokenError */
export async function verifyToken(question: TokenQuestion): Promise<VerifiedToken> {
  try {
    return await verified(question);
  } catch (error) {
    // What is nested in attributes and roots is read late, by a library with errors of its own.
    if (error instanceof TokenError) throw error;
    throw new TokenError(
      'malformed',
      `it can't be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function verified(question: TokenQuestion): Promise<VerifiedToken> {
  const { signed, info } = readToken(question.token);
  const brought = [...(question.certificates ?? []), ...(question.roots ?? [])].map(certificateIn);
  const certificates = [...inToken(signed), ...brought];
  const signer = await theNamedSigner(signed, certificates);
  await checkImprint(info, question.data);
  checkPurpose(signer);
  await checkSigningCertificate(signed, signer);
  await checkSignature(signed, signer, question.data);
  if (question.roots !== null)
    await checkChain(signer, certificates, question.roots.map(certificateIn), info.genTime);
  if (question.policies !== undefined && !question.policies.includes(info.policy))
    throw new TokenError('policy', `the policy ${info.policy} is not one that was asked for`);
  if (question.nonce !== undefined) checkNonce(info, question.nonce);
  return described(info, signer);
}

/** What a token says, checked by nobody: for listings. @throws TokenError `malformed` */
export async function describeToken(token: Uint8Array): Promise<VerifiedToken> {
  const { signed, info } = readToken(token);
  return described(info, signersOf(signed, inToken(signed))[0]);
}

function readToken(token: Uint8Array): { signed: SignedData; info: TSTInfo } {
  try {
    const content = ContentInfo.fromBER(Uint8Array.from(token).buffer);
    if (content.contentType !== oids.signedData) throw new Error('no signed data');
    const signed = new SignedData({ schema: content.content });
    const { eContentType, eContent } = signed.encapContentInfo;
    if (eContentType !== oids.tstInfo || eContent === undefined) throw new Error('no TSTInfo');
    const info = TSTInfo.fromBER(eContent.getValue());
    if (info.version !== 1) throw new Error('an unknown version');
    return { signed, info };
  } catch (error) {
    throw new TokenError(
      'malformed',
      `not an RFC 3161 token: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Whatever carries issuer and number of the one signer: anybody can make more of those. */
function signersOf(
  signed: SignedData,
  certificates: Certificate[],
): [Certificate, ...Certificate[]] {
  const [info, ...more] = signed.signerInfos;
  if (info === undefined || more.length > 0)
    throw new TokenError('signers', 'a token has exactly one signer');
  const { issuer, serialNumber } = info.sid ?? {};
  const [first, ...others] = certificates.filter(
    (one) =>
      issuer !== undefined && one.issuer.isEqual(issuer) && one.serialNumber.isEqual(serialNumber),
  );
  if (first === undefined)
    throw new TokenError('signers', 'the certificate of the signer is not in the token');
  return [first, ...others];
}

/** The one that the signed attributes name; where they name none of these, the first. */
async function theNamedSigner(
  signed: SignedData,
  certificates: Certificate[],
): Promise<Certificate> {
  const candidates = signersOf(signed, certificates);
  for (const one of candidates) {
    const isNamed = await checkSigningCertificate(signed, one).then(
      () => true,
      () => false,
    );
    if (isNamed) return one;
  }
  return candidates[0];
}

function inToken(signed: SignedData): Certificate[] {
  return (signed.certificates ?? []).filter((one) => one instanceof Certificate);
}

function certificateIn(der: Uint8Array): Certificate {
  return Certificate.fromBER(Uint8Array.from(der).buffer);
}

async function checkImprint({ messageImprint }: TSTInfo, data: Uint8Array): Promise<void> {
  const name = hashNames[messageImprint.hashAlgorithm.algorithmId];
  if (name === undefined || name === 'SHA-1')
    throw new TokenError('imprint', 'the token is over a hash that is not accepted');
  const own = await digest(name, data);
  if (!sameBytes(own, messageImprint.hashedMessage.valueBlock.valueHexView))
    throw new TokenError('imprint', 'the token is over other bytes');
}

/** RFC 3161 section 2.3: extended key usage critical, and timestamping alone. */
function checkPurpose(signer: Certificate): void {
  const usage = signer.extensions?.find(({ extnID }) => extnID === oids.extendedKeyUsage);
  const purposes = usage?.parsedValue instanceof ExtKeyUsage ? usage.parsedValue.keyPurposes : [];
  if (usage?.critical === true && purposes.length === 1 && purposes[0] === oids.timeStamping)
    return;
  throw new TokenError('purpose', 'the certificate of the signer is not one for timestamping only');
}

/** RFC 5816: the signed attributes name the certificate by its hash. */
async function checkSigningCertificate(signed: SignedData, signer: Certificate): Promise<void> {
  const attributes = signed.signerInfos[0]?.signedAttrs?.attributes ?? [];
  const kind = attributes.filter(({ type }) => type === oids.contentType);
  const named = kind[0]?.values[0];
  if (kind.length !== 1 || named?.valueBlock.toString() !== oids.tstInfo)
    throw new TokenError('signature', 'the signed attributes name another type of content');
  if (attributes.filter(({ type }) => type === oids.messageDigest).length !== 1)
    throw new TokenError('signature', 'the signed attributes hold not one digest');
  const certificate = new Uint8Array(signer.toSchema().toBER());
  const claims = attributes
    .filter(({ type }) => type === oids.signingCertificate || type === oids.signingCertificateV2)
    .map(essCertificateHash);
  const own = await Promise.all(
    claims.map(async (claim) =>
      claim === null ? false : sameBytes(claim.hash, await digest(claim.algorithm, certificate)),
    ),
  );
  if (own.length > 0 && own.every(Boolean)) return;
  throw new TokenError(
    'signing-certificate',
    own.length === 0
      ? 'no signed attribute names the certificate of the signer'
      : 'the signed attributes name another certificate',
  );
}

interface CertificateHash {
  algorithm: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
  hash: Uint8Array;
}

/** The hash in the first ESSCertID or ESSCertIDv2; SHA-1 and SHA-256 are their defaults. */
function essCertificateHash({ type, values }: Attribute): CertificateHash | null {
  const [identifiers] = children(values[0]);
  const [identifier] = children(identifiers);
  const [first, second] = children(identifier);
  if (first instanceof asn1js.OctetString) {
    const algorithm = type === oids.signingCertificate ? 'SHA-1' : 'SHA-256';
    return { algorithm, hash: first.valueBlock.valueHexView };
  }
  if (type === oids.signingCertificate || !(second instanceof asn1js.OctetString)) return null;
  const algorithm = hashNames[new AlgorithmIdentifier({ schema: first }).algorithmId];
  return algorithm === undefined || algorithm === 'SHA-1'
    ? null
    : { algorithm, hash: second.valueBlock.valueHexView };
}

function children(value: unknown): asn1js.AsnType[] {
  return value instanceof asn1js.Sequence ? value.valueBlock.value : [];
}

async function checkSignature(
  signed: SignedData,
  signer: Certificate,
  data: Uint8Array,
): Promise<void> {
  // Anybody can add certificates to a token, under names that lead the library astray.
  signed.certificates = [signer];
  const good = await signed
    .verify({ signer: 0, data: Uint8Array.from(data).buffer, checkChain: false })
    .catch(() => false);
  if (good !== true)
    throw new TokenError('signature', 'the signature of the token does not verify');
}

/** Judged by its own chain: whatever else lies beside it says nothing for or against it. */
async function checkChain(
  signer: Certificate,
  certificates: Certificate[],
  roots: Certificate[],
  at: Date,
): Promise<void> {
  if (roots.length === 0)
    throw new TokenError('chain', 'no root was given to check the chain with');
  let why = 'no chain of signatures does';
  for (const path of await pathsToRoots(signer, certificates, roots)) {
    // The engine takes the last one for the end of the chain.
    const chain = new CertificateChainValidationEngine({
      trustedCerts: [path.root],
      certs: [...path.between, signer],
      checkDate: at,
    });
    const { result, resultMessage } = await chain
      .verify()
      .catch((error: unknown) => ({ result: false, resultMessage: String(error) }));
    if (result) return;
    why = resultMessage;
  }
  throw new TokenError(
    'chain',
    `the certificate does not lead to a given root as of ${at.toISOString()}: ${why}`,
  );
}

interface CertificatePath {
  between: Certificate[];
  root: Certificate;
}

const mostPaths = 8;
const longestPath = 8;
/** Signatures that are looked at for one token: its makers use three or four. */
const mostSignatures = 200;

/** Every way from the signer to a root over signatures that verify. */
async function pathsToRoots(
  signer: Certificate,
  certificates: Certificate[],
  roots: Certificate[],
): Promise<CertificatePath[]> {
  const paths: CertificatePath[] = [];
  let left = mostSignatures;
  const isIssuedBy = async (one: Certificate, issuer: Certificate): Promise<boolean> => {
    if (one === issuer || !one.issuer.isEqual(issuer.subject) || left === 0) return false;
    left -= 1;
    return one.verify(issuer).catch(() => false);
  };
  const follow = async (from: Certificate, between: Certificate[]): Promise<void> => {
    if (paths.length >= mostPaths || between.length > longestPath) return;
    for (const root of roots) if (await isIssuedBy(from, root)) paths.push({ between, root });
    for (const next of certificates)
      if (!between.includes(next) && next !== signer && (await isIssuedBy(from, next)))
        await follow(next, [next, ...between]);
  };
  // Where the reader trusts the signer itself, there is nothing to follow.
  for (const root of roots) if (isSame(root, signer)) paths.push({ between: [], root });
  await follow(signer, []);
  return paths;
}

function isSame(one: Certificate, other: Certificate): boolean {
  return sameBytes(
    new Uint8Array(one.toSchema().toBER()),
    new Uint8Array(other.toSchema().toBER()),
  );
}

function checkNonce(info: TSTInfo, sent: Uint8Array): void {
  const returned = info.nonce?.valueBlock.valueHexView;
  if (returned !== undefined && sameBytes(withoutZeros(returned), withoutZeros(sent))) return;
  throw new TokenError('nonce', 'the token does not carry the nonce that was sent');
}

/** DER puts a zero before a number whose first bit is set. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? new Uint8Array() : bytes.subarray(start);
}

async function described(info: TSTInfo, signer: Certificate): Promise<VerifiedToken> {
  const { accuracy } = info;
  return {
    genTime: info.genTime,
    accuracyMs:
      accuracy === undefined
        ? null
        : (accuracy.seconds ?? 0) * 1000 +
          (accuracy.millis ?? 0) +
          Math.ceil((accuracy.micros ?? 0) / 1000),
    policy: info.policy,
    serial: toHex(withoutZeros(info.serialNumber.valueBlock.valueHexView)) || '00',
    authority: subjectOf(signer),
    signerSha256: await sha256Hex(new Uint8Array(signer.toSchema().toBER())),
  };
}

function subjectOf({ subject }: Certificate): string {
  const named = subject.typesAndValues.find(({ type }) => type === '2.5.4.3');
  const all = named === undefined ? subject.typesAndValues : [named];
  return all.map(({ value }) => String(value.valueBlock.value)).join(', ');
}

async function digest(name: string, data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(name, Uint8Array.from(data)));
}

/** Every certificate of a PEM file, as DER. @throws TokenError `malformed` */
export function certificatesFromPem(pem: string): Bytes[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body = '']) => {
    const der = fromBase64(body.replace(/\s+/g, ''));
    if (der === null) throw new TokenError('malformed', 'a PEM file holds a broken certificate');
    return der;
  });
}
