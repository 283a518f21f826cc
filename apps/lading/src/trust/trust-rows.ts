// SPDX-License-Identifier: Apache-2.0
import type { Policy, PolicyRequirement, SignatureStorages } from '@lading/config';

/** A requirement of a policy as `image trust show` shows it. */
export interface TrustRow {
  readonly Transport: string;
  readonly Name: string;
  readonly Type: string;
  /** Whose keys they are. */
  readonly ID: string;
  readonly SignatureStore: string;
}

/** Says whose a key is that a policy names. */
export type OwnersOf = (keys: {
  readonly paths: readonly string[];
  readonly data: readonly Uint8Array[];
}) => Promise<readonly string[]>;

const types: Readonly<Partial<Record<PolicyRequirement['type'], string>>> = {
  insecureAcceptAnything: 'accept',
  signedBy: 'signed',
};

/** The rows of a policy: the default, then transports and scopes by their names. */
export async function trustRows(
  policy: Policy,
  storages: SignatureStorages,
  ownersOf: OwnersOf,
): Promise<readonly TrustRow[]> {
  const rows: TrustRow[] = [];
  const add = async (
    place: Pick<TrustRow, 'Transport' | 'Name' | 'SignatureStore'>,
    requirements: readonly PolicyRequirement[],
  ): Promise<void> => {
    for (const requirement of requirements) {
      rows.push({
        Transport: place.Transport,
        Name: place.Name,
        Type: types[requirement.type] ?? requirement.type,
        ID: await ownerOf(requirement, ownersOf),
        SignatureStore: place.SignatureStore,
      });
    }
  };
  const usual = storages.defaultDocker?.lookaside ?? '';
  await add({ Transport: 'all', Name: 'default', SignatureStore: usual }, policy.default);
  for (const [transport, scopes] of byName(policy.transports)) {
    for (const [scope, requirements] of byName(scopes)) {
      const isDocker = transport === 'docker';
      const place = {
        Transport: isDocker ? 'repository' : transport,
        Name: scope,
        SignatureStore: isDocker ? storeOf(scope, storages) : usual,
      };
      await add(place, requirements);
    }
  }
  return rows;
}

function byName<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

async function ownerOf(requirement: PolicyRequirement, ownersOf: OwnersOf): Promise<string> {
  if (requirement.type === 'sigstoreSigned') return 'N/A';
  return requirement.type === 'signedBy' ? (await ownersOf(requirement.keys)).join(', ') : '';
}

/** That of the scope, of what it is a part of, or of all registries. */
function storeOf(scope: string, { docker, defaultDocker }: SignatureStorages): string {
  for (let name = scope; name !== ''; name = name.slice(0, Math.max(name.lastIndexOf('/'), 0))) {
    const store = docker.get(name)?.lookaside;
    if (store !== undefined) return store;
  }
  return defaultDocker?.lookaside ?? '';
}
