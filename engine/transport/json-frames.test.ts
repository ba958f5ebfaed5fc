import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeJsonFrames,
  FRAME_HEADER_BYTES,
  FrameKind,
  JsonFrameAssembler,
  readFrameHeader,
  writeFrameHeader,
} from '../contract/frame.ts';

function chunk(payload: string, chunksToCome: number): Uint8Array {
  const bytes = new TextEncoder().encode(payload);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.byteLength);
  writeFrameHeader(new DataView(frame.buffer), FrameKind.json, 0, 0, bytes.byteLength, chunksToCome);
  frame.set(bytes, FRAME_HEADER_BYTES);
  return frame;
}

function push(assembler: JsonFrameAssembler, frame: Uint8Array): unknown {
  return assembler.push(frame, readFrameHeader(frame));
}

test('a message longer than a frame comes out whole, and the next one too', () => {
  const assembler = new JsonFrameAssembler();
  for (const message of [{ text: 'x'.repeat(200_000) }, { text: 'short' }]) {
    const frames = encodeJsonFrames(message, 0);
    const out = frames.map((frame) => push(assembler, frame));
    assert.deepEqual(out.at(-1), message);
    assert.ok(out.slice(0, -1).every((each) => each === undefined));
  }
});

test('chunks that hold nothing, come out of order or never end are refused', () => {
  assert.throws(() => push(new JsonFrameAssembler(), chunk('', 5)), /Expected a JSON chunk, was empty/);
  const jumping = new JsonFrameAssembler();
  push(jumping, chunk('[1', 2));
  assert.throws(() => push(jumping, chunk(']', 0)), /Expected 1 JSON chunks to come, was 0/);
  assert.deepEqual(push(jumping, chunk('[2]', 0)), [2], 'nothing of the refused message is left');
  const endless = new JsonFrameAssembler(10);
  push(endless, chunk('123456', 0xffff_ffff));
  assert.throws(() => push(endless, chunk('123456', 0xffff_fffe)), /at most 10 bytes of JSON message, was 12/);
});
