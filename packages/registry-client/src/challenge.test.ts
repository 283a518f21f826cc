// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

it.each([
  {
    header:
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push"',
    challenges: [
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a:pull,push',
        },
      },
    ],
  },
  { header: 'basic REALM=plain', challenges: [{ scheme: 'basic', parameters: { realm: 'plain' } }] },
  {
    header: 'Basic realm="a \\"b\\"", Bearer realm = "c" , service=d',
    challenges: [
      { scheme: 'basic', parameters: { realm: 'a "b"' } },
      { scheme: 'bearer', parameters: { realm: 'c', service: 'd' } },
    ],
  },
  {
    header: 'Negotiate, Negotiate abc==, Basic realm="x"',
    challenges: [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  },
  {
    header: 'Bearer realm="first",realm="second"',
    challenges: [{ scheme: 'bearer', parameters: { realm: 'first' } }],
  },
  { header: 'Bearer realm="no end', challenges: [{ scheme: 'bearer', parameters: {} }] },
  { header: 'Bearer __proto__="x"', challenges: [{ scheme: 'bearer', parameters: { ['__proto__']: 'x' } }] },
  {
    header: 'Negotiate ,\tBasic realm=x',
    challenges: [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  },
  { header: '', challenges: [] },
  { header: '"', challenges: [] },
])('reads $header', ({ header, challenges }) => {
  const plain = parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.entries(parameters)]);
  expect(plain).toEqual(challenges.map(({ scheme, parameters }) => [scheme, Object.entries(parameters)]));
});
