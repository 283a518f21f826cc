// SPDX-License-Identifier: Apache-2.0
import ajvDraft04 from 'ajv-draft-04';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mutated } from './mutated.ts';
import { schemaArbitrary } from './schema-arbitrary.ts';

const files: Readonly<Record<string, object>> = {
  'a/ship.json': {
    type: 'object',
    required: ['name', 'tonnes'],
    properties: {
      name: { type: 'string', pattern: '^MS [A-Z][a-z]+$' },
      tonnes: { $ref: 'defs.json#/definitions/weight' },
      built: { type: 'string', format: 'date-time' },
      flag: { enum: ['LR', 'PA', null] },
      holds: { type: 'array', minItems: 1, items: { $ref: '#/definitions/hold' } },
      crew: { oneOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
      notes: { patternProperties: { '^[a-z]+$': { type: 'string' } }, type: 'object' },
      engine: {
        allOf: [
          { type: 'object', required: ['kind'], properties: { kind: { type: ['string', 'boolean'] } } },
          { type: 'object', properties: { power: { type: 'number', minimum: 0 } } },
        ],
      },
    },
    definitions: { hold: { type: 'object', additionalProperties: { type: 'boolean' } } },
  },
  'a/defs.json': { definitions: { weight: { type: 'integer', minimum: -5, maximum: 1e18 } } },
};
const read = (path: string) => files[path] as Readonly<Record<string, unknown>>;
const ajv = new ajvDraft04.default({ strict: false, validateFormats: false });
ajv.addSchema({ ...files['a/defs.json'], id: 'defs.json' });
const validate = ajv.compile({ ...files['a/ship.json'], id: 'ship.json' });

it('documents from a schema satisfy it', () => {
  fc.assert(
    fc.property(schemaArbitrary('a/ship.json', read), (ship) => {
      expect(validate(ship), JSON.stringify(ship)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('some mutated documents satisfy it and some do not, and each is a new one', () => {
  const ships = schemaArbitrary('a/ship.json', read);
  const verdicts = fc.sample(mutated(ships, ['crew']), 500).map((ship) => {
    expect(JSON.parse(JSON.stringify(ship))).toEqual(ship);
    return validate(ship);
  });
  expect(verdicts.filter((good) => good).length).toBeGreaterThan(20);
  expect(verdicts.filter((good) => !good).length).toBeGreaterThan(100);
});

it('a reference to nothing is an error that names it', () => {
  expect(() => schemaArbitrary('a/ship.json#/definitions/none', read)).toThrow('#/definitions/none: nothing');
});
