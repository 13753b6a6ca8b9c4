// Writes src/api/types/ from the OpenAPI documents of the server: one file a document, and one that joins their paths.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const root = resolve(import.meta.dirname, '..')
const source = resolve(root, process.argv[2] ?? '../src/polycast/front/openapi')
const target = join(root, 'src/api/types')

const documents = existsSync(source)
  ? readdirSync(source)
      .filter((name) => name.endsWith('.json'))
      .sort()
  : []
if (documents.length === 0) {
  console.error(
    `No OpenAPI documents in ${source}. Write them first with "polycast openapi"; for pages without a server, "npm run types:dev".`,
  )
  process.exit(1)
}

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
const names = []
for (const file of documents) {
  const name = file.replace(/\.json$/, '').replace(/[^A-Za-z0-9]+/g, '_')
  const text = astToString(
    await openapiTS(pathToFileURL(join(source, file)), {
      alphabetize: true,
      defaultNonNullable: false,
      emptyObjectsUnknown: true,
    }),
  )
  writeFileSync(join(target, `${name}.ts`), text)
  names.push(name)
}
const imports = names.map((name) => `import type { paths as ${name} } from './${name}'`)
writeFileSync(join(target, 'index.ts'), `${imports.join('\n')}\n\nexport type Paths = ${names.join(' & ')}\n`)
console.log(`types from ${documents.join(', ')}`)
