// SPDX-License-Identifier: Apache-2.0

const component = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';

/**
 * The name of a repository: components in lower case between slashes.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */
export const repositoryName: RegExp = new RegExp(`^${component}(?:/${component})*$`);
