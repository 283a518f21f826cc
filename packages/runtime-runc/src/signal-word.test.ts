// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { signalWord } from './signal-word.ts';

it('gives signals for real time by number', () => {
  const words = ['SIGRTMIN', 'RTMIN+3', 'sigrtmin+30', 'SIGRTMAX-2', 'RTMAX'].map(signalWord);
  expect(words).toEqual(['34', '37', '64', '62', '64']);
});

it('leaves the others as they are', () => {
  expect(['SIGTERM', 'kill', 9, '37'].map(signalWord)).toEqual(['SIGTERM', 'kill', '9', '37']);
});

it.each(['', '--all', 'SIGRTMIN-1', 'RTMIN+31', 'RTMAX+1', 'A B', '123'])('refuses %j', (word) => {
  expect(() => signalWord(word)).toThrow('is not a signal');
});
