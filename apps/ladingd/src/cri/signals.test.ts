// SPDX-License-Identifier: Apache-2.0
import { Signal } from '@lading/cri-api';
import { expect, it } from 'vitest';
import { signalName, signalOf } from './signals.ts';

it('leaves the default to the runtime', () => {
  expect(signalName(Signal.SIGNAL_RUNTIME_DEFAULT)).toBeUndefined();
  expect(signalOf('SIGWHAT')).toBe(Signal.SIGNAL_RUNTIME_DEFAULT);
});

it.each([
  [Signal.SIGNAL_SIGTERM, 'SIGTERM'],
  [Signal.SIGNAL_SIGRTMIN, 'SIGRTMIN'],
  [Signal.SIGNAL_SIGRTMINPLUS15, 'SIGRTMIN+15'],
  [Signal.SIGNAL_SIGRTMAXMINUS1, 'SIGRTMAX-1'],
  [Signal.SIGNAL_SIGRTMAX, 'SIGRTMAX'],
])('%d is %s', (signal, name) => {
  expect(signalName(signal)).toBe(name);
  expect(signalOf(name)).toBe(signal);
});

it('maps every signal there and back', () => {
  for (const signal of Object.values(Signal).slice(1))
    expect(signalOf(signalName(signal) ?? '')).toBe(signal);
});

it.each([
  ['3', Signal.SIGNAL_SIGQUIT],
  ['quit', Signal.SIGNAL_SIGQUIT],
  ['sigquit', Signal.SIGNAL_SIGQUIT],
  ['RTMIN+3', Signal.SIGNAL_SIGRTMINPLUS3],
])('knows %s of an image', (text, signal) => {
  expect(signalOf(text)).toBe(signal);
});
