// Imports as jest and bundlers resolve them, which node does not: of files without their suffix, and of folders.
//
//   register('./bundled.mjs', import.meta.url, { data: { root, module } })
//
// `root` is the folder of the project. Where `module` is true its files in .js are modules although no package.json says so.

const SUFFIXES = ['.js', '.mjs', '.cjs', '.json', '/index.js', '/index.mjs', '/index.cjs'];
const MISSING = ['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT'];
export const FRAMEWORKS = ['@jest/globals', 'jest', 'vitest'];

let base = '';
let asModules = false;

export function initialize({ root, module }) {
  base = root;
  asModules = module;
}

export async function resolve(specifier, context, next) {
  if (FRAMEWORKS.includes(specifier)) return { url: new URL('jestnames.mjs', import.meta.url).href, shortCircuit: true };
  const result = await found(specifier, context, next);
  const own = result.url.startsWith(base) && result.url.endsWith('.js') && !result.url.includes('/node_modules/');
  return asModules && own ? { ...result, format: 'module' } : result;
}

async function found(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!MISSING.includes(error.code) || !/^(?:\.|\/|file:)/.test(specifier)) throw error;
    for (const suffix of SUFFIXES) {
      try {
        return await next(specifier.replace(/\/$/, '') + suffix, context);
      } catch (other) {
        if (!MISSING.includes(other.code)) throw other;
      }
    }
    throw error;
  }
}
