/** TLS over a connection that is already open, and nothing left of either where it fails. */
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { TransientError } from '../base/errors.ts';

/**
 * Takes the connection over: where the handshake fails or is stopped, it is destroyed.
 * @throws the signal's reason, TransientError `reset`, or the TLS error as Node gives it
 */
export async function secured(
  socket: Socket,
  options: Omit<ConnectionOptions, 'socket'>,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const secure = connect({ ...options, socket });
  try {
    await handshake(secure, signal);
    return secure;
  } catch (error) {
    // Nobody else has either of them, and both may still complain.
    for (const one of [secure, socket]) one.on('error', () => {}).destroy();
    throw error;
  }
}

async function handshake(secure: TLSSocket, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal.reason);
  const ended = () =>
    reject(new TransientError('reset', 'the connection ended in the middle of the TLS handshake'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  secure.once('secureConnect', resolve).once('error', reject).once('close', ended);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    secure.off('error', reject).off('close', ended);
  }
}
