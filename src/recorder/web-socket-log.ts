/** Frames of a page's WebSockets, as lines of JSON: direction, time, opcode and payload. */
import type { BodyFile, BodyStore } from './body-store.ts';
import type { ExchangeLedger } from './exchange-ledger.ts';
import { splitHeaders } from './exchange-ledger.ts';
import type { Listeners, ProtocolEvent } from './protocol.ts';

const unmetUrl = 'ws://unmet.invalid/';

/** What to listen to in a session, so that each of its sockets becomes an entry with its frames as body. */
export function webSocketListeners(
  ledger: ExchangeLedger,
  bodies: BodyStore,
  opened: (requestId: string, url: string) => void,
): Listeners {
  const bodyOf = (requestId: string): BodyFile | null => {
    if (ledger.last(requestId) === undefined) opened(requestId, unmetUrl);
    const entry = ledger.last(requestId);
    if (entry === undefined) return null;
    // A worker was met after it had opened its socket: what was said before is not here.
    if (entry.url === unmetUrl) entry.bodyTrouble = 'unseen';
    entry.body ??= bodies.newBody();
    return entry.body;
  };
  const write = (requestId: string, line: object) => {
    const text = `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`;
    void bodyOf(requestId)?.append(Buffer.from(text));
  };
  return {
    'Network.webSocketCreated': ({ requestId, url }) => opened(requestId, url),
    'Network.webSocketWillSendHandshakeRequest': ({ requestId, wallTime, request }) => {
      const entry = ledger.last(requestId);
      if (entry === undefined) return;
      entry.startedAtMs = wallTime * 1000;
      entry.requestHeaders = request.headers;
    },
    'Network.webSocketHandshakeResponseReceived': ({ requestId, response }) => {
      const entry = ledger.last(requestId);
      if (entry === undefined) return;
      entry.requestHeaders = response.requestHeaders ?? entry.requestHeaders;
      entry.response = {
        status: response.status,
        statusText: response.statusText,
        headers: splitHeaders(response.headers),
        protocol: 'http/1.1',
        tls: null,
        answeredBy: null,
      };
    },
    'Network.webSocketFrameSent': ({ requestId, response }) =>
      write(requestId, { direction: 'sent', ...payloadOf(response) }),
    'Network.webSocketFrameReceived': ({ requestId, response }) =>
      write(requestId, { direction: 'received', ...payloadOf(response) }),
    'Network.webSocketFrameError': ({ requestId, errorMessage }) =>
      write(requestId, { error: errorMessage }),
    'Network.webSocketClosed': ({ requestId }) => {
      const entry = ledger.last(requestId);
      const failure =
        entry?.response == null
          ? { words: 'net::ERR_CONNECTION_CLOSED', canceled: false, rule: null }
          : null;
      ledger.end(entry, failure);
    },
  };
}

/** The payload is text for opcode 1 and Base64 for the others. */
function payloadOf({
  opcode,
  payloadData,
}: ProtocolEvent<'Network.webSocketFrameSent'>['response']): object {
  return opcode === 1 ? { opcode, text: payloadData } : { opcode, base64: payloadData };
}
