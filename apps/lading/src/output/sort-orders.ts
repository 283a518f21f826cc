// SPDX-License-Identifier: Apache-2.0

/** What `ps --sort` takes. */
export const sortOrders: readonly string[] = [
  ...['command', 'created', 'id', 'image', 'names', 'runningfor', 'size', 'status'],
];
