/** A whole hash track as one file, where the program writes it frame by frame. */
import {
  encodeTrackFrame,
  encodeTrackHeader,
  type HashTrack,
} from '../../src/fingerprint/hash-track.ts';

export function encodeHashTrack(track: HashTrack): Buffer {
  return Buffer.concat([encodeTrackHeader(track), ...track.frames.map(encodeTrackFrame)]);
}
