/** Proxies as they stand behind the door: HTTP CONNECT and SOCKS5. All lead to one port on loopback. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TestProxy extends AsyncDisposable {
  port: number;
  /** What was asked for, as `kind host:port`: `name`, `ipv4` or `ipv6` with SOCKS, `connect` with HTTP. */
  asked: string[];
}

type Serve = (
  client: Socket,
  asked: string[],
  join: (greeting: Buffer | string) => void,
) => Promise<void>;

/** SOCKS5. `refuse` is a reply code that every request gets; `login` is `user:password`. */
export function openSocks5(
  targetPort: number,
  options: { login?: string; refuse?: number } = {},
): Promise<TestProxy> {
  return openProxy(targetPort, async (client, asked, join) => {
    const read = reader(client);
    const [, methods = 0] = await read(2);
    await read(methods);
    client.write(Buffer.from([5, options.login === undefined ? 0 : 2]));
    if (options.login !== undefined) {
      const user = await read((await read(2))[1] ?? 0);
      const password = await read((await read(1))[0] ?? 0);
      const right = `${user}:${password}` === options.login;
      client.write(Buffer.from([1, right ? 0 : 1]));
      if (!right) return void client.end();
    }
    const [, , , kind] = await read(4);
    const host =
      kind === 1
        ? [...(await read(4))].join('.')
        : kind === 4
          ? (await read(16)).toString('hex')
          : (await read((await read(1))[0] ?? 0)).toString('latin1');
    asked.push(
      `${kind === 1 ? 'ipv4' : kind === 4 ? 'ipv6' : 'name'} ${host}:${(await read(2)).readUInt16BE()}`,
    );
    const reply = Buffer.from([5, options.refuse ?? 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    if (options.refuse === undefined) join(reply);
    else client.end(reply);
  });
}

/** HTTP CONNECT. `refuse` is a whole response that every request gets; `login` is `user:password`. */
export function openHttpProxy(
  targetPort: number,
  options: { login?: string; refuse?: string } = {},
): Promise<TestProxy> {
  return openProxy(targetPort, async (client, asked, join) => {
    let head = '';
    while (!head.endsWith('\r\n\r\n')) head += (await reader(client)(1)).toString('latin1');
    asked.push(`connect ${/^CONNECT (\S+)/.exec(head)?.[1]}`);
    const proof = `Basic ${Buffer.from(options.login ?? '').toString('base64')}`;
    if (options.login !== undefined && !head.includes(proof))
      client.end('HTTP/1.1 407 Who are you\r\n\r\n');
    else if (options.refuse !== undefined) client.end(options.refuse);
    else join(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(5_000)}\r\n\r\n`);
  });
}

async function openProxy(targetPort: number, serve: Serve): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {});
    const join = (greeting: Buffer | string) => {
      client.write(greeting);
      const target = connect(targetPort, '127.0.0.1');
      target.on('error', () => client.destroy());
      client.once('close', () => target.destroy());
      client.pipe(target).pipe(client);
    };
    serve(client, asked, join).catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function reader(socket: Socket): (sizeBytes: number) => Promise<Buffer> {
  return async (sizeBytes) => {
    for (;;) {
      const chunk: Buffer | null = sizeBytes === 0 ? Buffer.alloc(0) : socket.read(sizeBytes);
      if (chunk !== null) return chunk;
      await once(socket, 'readable');
      if (socket.readableEnded) throw new Error('ended');
    }
  };
}
