// SPDX-License-Identifier: Apache-2.0
import { object, type Rule, string, strings } from '@lading/document';

/**
 * What an image runs on; names as in Go's `GOOS` and `GOARCH`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions
 */
export interface Platform {
  /** REQUIRED: `amd64`, `arm64`, … */
  readonly architecture: string;
  /** REQUIRED: `linux`, `windows`, … */
  readonly os: string;
  /** OPTIONAL. The OS version that the image needs: `10.0.14393.1066`. Only Windows has a use for it. */
  readonly 'os.version'?: string;
  /** OPTIONAL. Features of the OS that the image needs: `win32k`. */
  readonly 'os.features'?: readonly string[];
  /** OPTIONAL. Variant of the CPU: `v7` of arm, `v8` of arm64, `v3` of amd64. */
  readonly variant?: string;
}

export const platform: Rule<Platform> = object<Platform>(
  { architecture: string, os: string, 'os.version': string, 'os.features': strings, variant: string },
  ['architecture', 'os'],
);
