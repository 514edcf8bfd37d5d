/** Counts, in the kernel, what leaves other than by the door: packets of the browser's user, and datagrams of ours. */
import { execFileSync } from 'node:child_process';

export interface Wire {
  /** The browser may reach this port of loopback and nothing else. */
  allowDoor(port: number): void;
  /** Packets seen that had no business being there, by counter. */
  strays(): Record<string, number>;
}

/** Needs root, a network namespace of its own, and nftables. */
export function watchWire({ browserUser, dns }: { browserUser: string; dns: string }): Wire {
  const uid = execFileSync('id', ['-u', browserUser], { encoding: 'utf8' }).trim();
  const [dnsAddress = '', dnsPort = ''] = dns.split(':');
  nft(`
    table inet wire {
      set doors { type inet_service; }
      counter browser_tcp {}
      counter browser_other {}
      counter own_datagrams {}
      chain out {
        type filter hook output priority 0;
        meta skuid ${uid} ip daddr 127.0.0.1 tcp dport @doors accept
        meta skuid ${uid} meta l4proto tcp counter name browser_tcp accept
        meta skuid ${uid} counter name browser_other accept
        meta skuid 0 ip daddr ${dnsAddress} udp dport ${dnsPort} accept
        meta skuid 0 udp sport ${dnsPort} accept
        meta skuid 0 meta l4proto { udp, icmp, ipv6-icmp } counter name own_datagrams
      }
    }`);
  return {
    allowDoor: (port) => nft(`add element inet wire doors { ${port} }`),
    strays: () => counters(nft('list counters table inet wire')),
  };
}

function nft(commands: string): string {
  return execFileSync('nft', ['-f', '-'], { input: commands, encoding: 'utf8' });
}

function counters(listed: string): Record<string, number> {
  const found = listed.matchAll(/counter (\w+) \{\s*packets (\d+)/g);
  return Object.fromEntries([...found].map(([, name = '', packets]) => [name, Number(packets)]));
}
