// SPDX-License-Identifier: Apache-2.0

/** Names of images that all sides give and take. */
export const randomNames: readonly string[] = ['a', 'b', 'c', 'd'].map((name) => `localhost/${name}:1`);
/** OCI layouts, whose images have layers in common. */
export const layoutNames: readonly string[] = ['one', 'two', 'three'];
