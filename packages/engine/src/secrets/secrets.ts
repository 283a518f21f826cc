// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Context, namesLock } from '../core/context.ts';
import { randomId } from '../names.ts';
import type { RecordFolder } from '../state/record-folder.ts';
import type { SecretInfo, Secrets } from '../types/secrets.ts';

/** A secret on disk: the file is for its owner alone, and comes and goes with the data in one step. */
export interface SecretRecord extends SecretInfo {
  readonly version: 1;
  readonly data: string;
}

const limitBytes = 512_000;

/** The calls of {@link Secrets}. */
export function createSecrets(context: Pick<Context, 'secrets' | 'locks' | 'now'>): Secrets {
  const { secrets } = context;
  const read = (ref: string): Promise<SecretRecord> => readSecret(secrets, ref);

  return {
    async create({ name, data, labels = {}, whenThere = 'refuse' }) {
      checkSecret(name, data);
      return context.locks.hold(namesLock, async () => {
        const former = await findByName(secrets, name);
        if (former !== undefined && whenThere === 'keep') return withoutData(former);
        if (former !== undefined && whenThere === 'refuse') {
          throw new LadingError(Code.AlreadyExists, `${name}: secret name in use`, {
            reason: 'SECRET_NAME_IN_USE',
          });
        }
        const now = context.now().toISOString();
        const record: SecretRecord = {
          version: 1,
          id: former?.id ?? randomId(),
          name,
          createdAt: former?.createdAt ?? now,
          updatedAt: now,
          labels,
          data: Buffer.from(data).toString('base64'),
        };
        await secrets.add(record, { durable: true });
        return withoutData(record);
      });
    },
    async list() {
      const all = (await secrets.list()).map(withoutData);
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    inspect: async (ref) => withoutData(await read(ref)),
    async exists(ref) {
      try {
        await secrets.resolve(ref);
        return true;
      } catch (error) {
        if (hasCode(error, Code.NotFound)) return false;
        throw error;
      }
    },
    read: async (ref) => dataOf(await read(ref)),
    remove: (ref) =>
      context.locks.hold(namesLock, async () => {
        const record = await read(ref);
        await secrets.delete(record);
        return withoutData(record);
      }),
  };
}

/** @throws NotFound with reason SECRET_UNKNOWN */
export async function readSecret(secrets: RecordFolder<SecretRecord>, ref: string): Promise<SecretRecord> {
  const record = await secrets.get(await secrets.resolve(ref));
  if (record !== undefined) return record;
  throw new LadingError(Code.NotFound, `no secret with name or id ${JSON.stringify(ref)} found`, {
    reason: 'SECRET_UNKNOWN',
  });
}

export function dataOf({ data }: SecretRecord): Uint8Array {
  return Buffer.from(data, 'base64');
}

async function findByName(
  secrets: RecordFolder<SecretRecord>,
  name: string,
): Promise<SecretRecord | undefined> {
  const id = await secrets.idOfName(name);
  return id === undefined ? (await secrets.list()).find((record) => record.name === name) : secrets.get(id);
}

function withoutData({ version: _version, data: _data, ...info }: SecretRecord): SecretInfo {
  return info;
}

function checkSecret(name: string, { byteLength }: Uint8Array): void {
  // As the name of a file these would lead out of the folder of secrets.
  if (name === '.' || name === '..' || !/^[^,/=\p{Cc}]{1,253}$/u.test(name)) {
    throw new LadingError(
      Code.InvalidArgument,
      `secret name ${JSON.stringify(name.slice(0, 80))} can not include '=', '/', ',' or control characters, and must be between 1 and 253 characters: invalid secret name`,
      { reason: 'SECRET_NAME' },
    );
  }
  if (byteLength === 0 || byteLength >= limitBytes) {
    throw new LadingError(
      Code.InvalidArgument,
      `secret data must be larger than 0 and less than ${limitBytes} bytes, not ${byteLength}`,
      { reason: 'SECRET_SIZE' },
    );
  }
}
