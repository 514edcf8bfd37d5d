/** Servers that keep whoever talks to them: one says nothing at all, one never hangs up. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface RudeServer extends AsyncDisposable {
  port: number;
}

/** Takes connections and datagrams on one port, and never answers. */
export async function openMuteServer(): Promise<RudeServer> {
  const tcp = await openServer((socket) => socket.resume());
  const udp = createSocket('udp4').on('message', () => {});
  udp.bind(tcp.port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port: tcp.port,
    async [Symbol.asyncDispose]() {
      udp.close();
      await tcp[Symbol.asyncDispose]();
    },
  };
}

/** SMTP (RFC 5321): takes every message, and never closes its side of the connection. */
export function openClingingMailServer(): Promise<RudeServer> {
  return openServer((socket) => {
    let inMessage = false;
    let end = '';
    socket.write('220 mail.test\r\n');
    socket.setEncoding('latin1').on('data', (text: string) => {
      end = (end + text).slice(-5);
      if (!inMessage) inMessage = /^DATA\r\n/i.test(text);
      else if (end === '\r\n.\r\n') inMessage = false;
      else return;
      socket.write(inMessage ? '354 go on\r\n' : '250 kept\r\n');
    });
  });
}

async function openServer(serve: (socket: Socket) => unknown): Promise<RudeServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
