/** One TCP connection to one address, and exact reads from it for handshakes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TransientError } from '../base/errors.ts';
import { timeLimit } from '../base/time-limit.ts';

/**
 * Connects to exactly this host, which is an address unless the operator configured it.
 * @throws TransientError `refused`, `reset`, `unreachable`, `timed-out`, `dns`
 */
export async function openSocket(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  using limit = timeLimit(timeoutMs, signal);
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal: limit.signal });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    signal.throwIfAborted();
    const code = limit.isOver ? 'timed-out' : transportCode(error);
    throw new TransientError(code, `${host} port ${port}: ${saying[code]}`, { cause: error });
  }
}

export type TransportCode = 'dns' | 'refused' | 'reset' | 'unreachable' | 'timed-out';

const saying: Record<TransportCode, string> = {
  dns: 'the name could not be resolved',
  refused: 'the connection was refused',
  reset: 'the connection was cut',
  unreachable: 'there is no route to this address',
  'timed-out': 'no answer in time',
};

/** What an error of a socket means, by its system code. */
export function transportCode(error: unknown): TransportCode {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT') return 'timed-out';
  if (['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'].includes(code)) return 'dns';
  if (['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code)) {
    return 'reset';
  }
  return 'unreachable';
}

/** Exactly `sizeBytes` from the socket; what comes after them stays in it. */
export async function readExactly(
  socket: Socket,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  for (;;) {
    const chunk: Buffer | null = socket.read(sizeBytes);
    if (chunk !== null && chunk.length === sizeBytes) return chunk;
    await moreBytes(socket, signal);
  }
}

/** Up to and without the empty line that ends an HTTP head; what comes after it stays in the socket. */
export async function readHead(
  socket: Socket,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  let head = Buffer.alloc(0);
  while (head.length < maxBytes) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      await moreBytes(socket, signal);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) continue;
    if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
    return head.toString('latin1', 0, end);
  }
  throw new TransientError('reset', 'the answer to CONNECT never ended');
}

async function moreBytes(socket: Socket, signal: AbortSignal): Promise<void> {
  if (socket.destroyed || socket.readableEnded) throw ended();
  const over = new AbortController();
  const end = () => over.abort(ended());
  socket.once('end', end).once('close', end);
  try {
    await once(socket, 'readable', { signal: AbortSignal.any([signal, over.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    socket.off('end', end).off('close', end);
  }
}

function ended(): TransientError {
  return new TransientError('reset', 'the connection ended in the middle of the handshake');
}
