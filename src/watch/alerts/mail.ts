/** Alerts by e-mail: plain text through the operator's own mail server. The only home of nodemailer. */
import { ConfigError, TransientError } from '../../base/errors.ts';
import { type ChannelOf, secretOf } from './channels.ts';
import type { Message } from './wording.ts';

const limitMs = 20_000;

/** @throws TransientError `mail-refused` with the server's word in its cause */
export async function sendMail(
  channel: ChannelOf<'email'>,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...(await mailServerOf(channel)),
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    // By then the message was taken or refused; a server that never hangs up is not waited for.
    socketCloseTimeout: 500,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: channel.from,
      to: channel.to,
      subject: message.title,
      text: `${message.text}\n`,
      // The same message again has the same id: mail programs show it once.
      messageId: `<${message.alertId}.${message.telling}@holdfast.invalid>`,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new TransientError('mail-refused', 'the mail server did not take the message', { cause });
  } finally {
    transport.close();
  }
}

/** @throws ConfigError where `smtp` is no address of a mail server */
export async function mailServerOf({ name, smtp }: ChannelOf<'email'>) {
  const address = await secretOf(smtp);
  try {
    return serverAt(new URL(address));
  } catch {
    throw new ConfigError([
      `smtp of the channel ${name} must look like smtp://user:password@host:587 or smtps://host, with % and @ in a password written as %25 and %40`,
    ]);
  }
}

/** A password crosses a network only under TLS; on this very machine it may go without. */
function serverAt(url: URL) {
  if (!/^smtps?:$/.test(url.protocol) || url.hostname === '') throw new TypeError('no mail server');
  const secure = url.protocol === 'smtps:';
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const user = decodeURIComponent(url.username);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && !local,
    // A mail server beside us seldom has a certificate that anybody signed.
    ignoreTLS: !secure && local,
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
  };
}
