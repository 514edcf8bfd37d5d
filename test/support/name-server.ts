/** A DNS server of a few lines (RFC 1035): names that a test writes down, NXDOMAIN for the rest. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

export interface NameServer extends AsyncDisposable {
  /** As HOLDFAST_DNS takes it. */
  address: string;
  /** Name → its addresses, or a function that is asked each time. */
  names: Record<string, string[] | (() => string[])>;
}

const typeOf = { ipv4: 1, ipv6: 28 } as const;

export interface NameServerOptions {
  host?: string;
  port?: number;
  /** What names that nobody wrote down lead to; nowhere by default. */
  otherwise?: (name: string) => string[];
}

export async function openNameServer({
  host = '127.0.0.1',
  port = 0,
  otherwise = () => [],
}: NameServerOptions = {}): Promise<NameServer> {
  const names: NameServer['names'] = {};
  const socket = createSocket('udp4');
  socket.on('message', (query, from) =>
    socket.send(reply(query, names, otherwise), from.port, from.address),
  );
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    names,
    address: `${host}:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function reply(
  query: Buffer,
  names: NameServer['names'],
  otherwise: (name: string) => string[],
): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join('.').toLowerCase();
  const known = names[name] ?? otherwise(name);
  const addresses = typeof known === 'function' ? known() : known;
  const answers = addresses
    .map((address) => ipaddr.parse(address))
    .filter((address) => typeOf[address.kind()] === type)
    .map((address) => {
      const bytes = Buffer.from(address.toByteArray());
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
      return Buffer.concat([head, bytes]);
    });
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(addresses.length === 0 ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question, ...answers]);
}
