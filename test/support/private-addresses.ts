/** Addresses that no capture may reach, and every way to write them. */
import { fc } from './property.ts';

/** Four bytes of an address that no capture may reach. */
const privateBytes = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127, 224, 239, 240, 255), fc.nat(255), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constantFrom(192), fc.constant(168), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(198), fc.constantFrom(18, 19), fc.nat(255), fc.nat(255)),
  fc.constantFrom<[number, number, number, number]>(
    [169, 254, 169, 254],
    [168, 63, 129, 16],
    [100, 100, 100, 200],
    [192, 0, 0, 192],
  ),
);

type Spell = (bytes: number[]) => string;
const whole = (bytes: number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const hex = (value: number) => value.toString(16);
const pair = (bytes: number[], at: number) => hex((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
/** Ways to write an IPv4 address that some resolver or parser understands. */
const spellings: Spell[] = [
  (bytes) => bytes.join('.'),
  (bytes) => `${bytes.join('.')}.`,
  (bytes) => String(whole(bytes)),
  (bytes) => `0x${hex(whole(bytes))}`,
  (bytes) => `0X${hex(whole(bytes)).toUpperCase()}`,
  (bytes) => `0${whole(bytes).toString(8)}`,
  (bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
  (bytes) => bytes.map((byte) => `0x${hex(byte)}`).join('.'),
  ([a = 0, ...rest]) => `${a}.${whole(rest)}`,
  ([a = 0, b = 0, ...rest]) => `${a}.0x${hex(b)}.${whole(rest)}`,
  (bytes) => `[::ffff:${bytes.join('.')}]`,
  (bytes) => `[0:0:0:0:0:ffff:${pair(bytes, 0)}:${pair(bytes, 2)}]`,
  (bytes) => `[::${bytes.join('.')}]`,
  (bytes) => `[64:ff9b::${bytes.join('.')}]`,
  (bytes) => `[2002:${pair(bytes, 0)}:${pair(bytes, 2)}::1]`,
  (bytes) =>
    bytes.join('.').replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
];

export const privateSpelling = fc
  .tuple(privateBytes, fc.constantFrom(...spellings))
  .map(([bytes, spell]) => spell([...bytes]));
