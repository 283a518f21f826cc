// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { chainName, changeRules, editRules, removeChain, ruleComment } from './firewall.ts';
import type { Owner } from './owner.ts';
import { withoutPrefix } from './plain.ts';

/** Rules of the plugin `bridge` that hide an address of a container from the world outside. */
export interface Masquerade extends Owner {
  /** The container's, in CIDR form: to whom is in that network it speaks under its own. */
  readonly cidr: string;
}

const multicast = '224.0.0.0/4';

/** All at once, where the plugin starts a program for each rule. */
export async function addMasquerade(masquerade: Masquerade): Promise<void> {
  const { network, containerId, cidr, signal } = masquerade;
  const chain = chainName('CNI-', network, containerId);
  const comment = ruleComment('', network, containerId);
  const lines = [
    `:${chain} - [0:0]`,
    `-A ${chain} -d ${cidr} ${comment} -j ACCEPT`,
    `-A ${chain} ! -d ${multicast} ${comment} -j MASQUERADE`,
  ];
  const jump = `-A ${jumpTo(chain, masquerade)}`;
  try {
    await changeRules('nat', [...lines, jump], signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof LadingError)) throw error;
    // Another program's change came between, and nobody knows how far this one got.
    const isThere = (rule: string): boolean => rule.endsWith(` -j ${chain}`);
    await editRules('nat', (rules) => (rules.some(isThere) ? lines : [...lines, jump]), signal);
  }
}

/** Any number of times, and whatever became of the rules meanwhile. Without an address it takes a look at all rules. */
export async function removeMasquerade({
  cidr,
  ...owner
}: Owner & { readonly cidr: string | undefined }): Promise<void> {
  const chain = chainName('CNI-', owner.network, owner.containerId);
  await removeChain(chain, cidr === undefined ? undefined : jumpTo(chain, { ...owner, cidr }), owner.signal);
}

function jumpTo(chain: string, { network, containerId, cidr }: Masquerade): string {
  return `POSTROUTING -s ${withoutPrefix(cidr)} ${ruleComment('', network, containerId)} -j ${chain}`;
}
