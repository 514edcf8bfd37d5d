/** What the kinds that others met are made of. */
import { crc32, deflateSync } from 'node:zlib';
import { html, script } from '../kind.ts';

/** A PNG of one colour. */
export function flatPng(hex: string, width = 300, height = 200): Buffer {
  const row = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x += 1) row.write(hex.slice(1), 1 + x * 3, 'hex');
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8); // 8 bits a channel, no alpha
  const rows = deflateSync(Buffer.concat(Array<Buffer>(height).fill(row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(data.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}

export function picture(hex: string, width = 300, height = 200): { type: string; body: Buffer } {
  return { type: 'image/png', body: flatPng(hex, width, height) };
}

/** One picture a colour: `/NAME0.png`, `/NAME1.png` … */
export function pictures(name: string, colours: string[], width = 300, height = 200) {
  return Object.fromEntries(
    colours.map((hex, index) => [`/${name}${index}.png`, picture(hex, width, height)]),
  );
}

export function paths(name: string, colours: string[]): string[] {
  return colours.map((_, index) => `/${name}${index}.png`);
}

/** So many colours that are near each other and near no other. */
export function shades(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => hexOf(first + index * 0x030507));
}

function hexOf(value: number): string {
  return `#${value.toString(16).padStart(6, '0')}`;
}

export const gap = '<div style="height:1500px"></div>';

export const lazy = (path: string, height = 200) =>
  `<img loading=lazy src="${path}" width=300 height=${height} style="display:block">`;

/** Calls `then` when the element of this id is seen. */
export const whenSeen = (id: string, then: string) =>
  script(
    `new IntersectionObserver(([one], all) => { if (!one.isIntersecting) return; all.disconnect(); ${then} }).observe(document.getElementById('${id}'))`,
  );

export const page = (body: string, style = '') =>
  html(body, style === '' ? '' : `<style>${style}</style>`);
