// SPDX-License-Identifier: Apache-2.0

/** Keys of `--filter`, as the shell is offered them: `name=`. */
const keys = (...names: readonly string[]): readonly string[] => names.map((name) => `${name}=`);

export const containerKeys: readonly string[] = keys(
  ...['ancestor', 'before', 'exited', 'health', 'id', 'label', 'name', 'network', 'pod', 'restart-policy'],
  ...['since', 'status', 'until', 'volume'],
);
export const eventKeys: readonly string[] = keys(
  ...['container', 'event', 'image', 'label', 'pod', 'type', 'volume'],
);
export const imageKeys: readonly string[] = keys(
  ...['after', 'before', 'containers', 'dangling', 'id', 'intermediate', 'label', 'readonly', 'reference'],
  ...['since', 'until'],
);
export const networkKeys: readonly string[] = keys(
  ...['dangling', 'driver', 'id', 'label', 'label!', 'name', 'until'],
);
export const podKeys: readonly string[] = keys(
  ...[
    'ctr-ids',
    'ctr-names',
    'ctr-number',
    'ctr-status',
    'id',
    'label',
    'name',
    'network',
    'status',
    'until',
  ],
);
export const pruneKeys: readonly string[] = keys('label', 'label!', 'until');
export const secretKeys: readonly string[] = keys('id', 'name');
export const volumeKeys: readonly string[] = keys(
  ...['dangling', 'driver', 'label', 'label!', 'name', 'opt', 'scope', 'until'],
);
