/** Asking for an RFC 3161 token: the request, and what the authority answered. Checking it is the verifier's. */
import { createHash, randomBytes } from 'node:crypto';
import * as asn1js from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, PKIStatus, TimeStampReq, TimeStampResp } from 'pkijs';
import { PermanentError } from '../base/errors.ts';

export interface TimestampRequest {
  /** DER, to be sent as `application/timestamp-query`. */
  der: Uint8Array;
  /** Big-endian, without a leading zero: the answer must carry it. */
  nonce: Uint8Array;
}

const sha256Oid = '2.16.840.1.101.3.4.2.1';

/** Over the SHA-256 of the bytes, with a 64-bit nonce, asking for the certificate. */
export function timestampRequest(data: Uint8Array): TimestampRequest {
  const nonce = randomBytes(8);
  // Positive, and eight bytes long whatever chance would have it.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const digest = createHash('sha256').update(data).digest();
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({
        algorithmId: sha256Oid,
        algorithmParams: new asn1js.Null(),
      }),
      hashedMessage: new asn1js.OctetString({ valueHex: Uint8Array.from(digest).buffer }),
    }),
    nonce: new asn1js.Integer({ valueHex: Uint8Array.from(nonce).buffer }),
    certReq: true,
  });
  return { der: new Uint8Array(request.toSchema().toBER()), nonce };
}

/**
 * The token in an answer, as DER, not checked yet.
 * @throws PermanentError `timestamp-garbage` when it is no answer, `timestamp-refused` when the authority says no
 */
export function tokenIn(answer: Uint8Array): Uint8Array {
  const response = readResponse(answer);
  const { status, statusStrings } = response.status;
  if (status !== PKIStatus.granted && status !== PKIStatus.grantedWithMods) {
    const words = (statusStrings ?? []).map(({ valueBlock }) => valueBlock.value).join('; ');
    throw new PermanentError(
      'timestamp-refused',
      `the authority refused (status ${status}): ${words.slice(0, 300) || 'no reason given'}`,
    );
  }
  if (response.timeStampToken === undefined) throw garbage('it grants, but holds no token');
  return new Uint8Array(response.timeStampToken.toSchema().toBER());
}

function readResponse(answer: Uint8Array): TimeStampResp {
  try {
    return TimeStampResp.fromBER(Uint8Array.from(answer).buffer);
  } catch (error) {
    throw garbage(error instanceof Error ? error.message : String(error));
  }
}

function garbage(why: string): PermanentError {
  return new PermanentError('timestamp-garbage', `not an RFC 3161 answer: ${why}`);
}
