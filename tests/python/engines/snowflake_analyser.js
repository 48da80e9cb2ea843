// Snowflake's SQL before an analyser that knows its names, types and functions: a server of Fivetran's ZetaSQL.
// Reads {tables: {name: {column: type}}, statements: [[name, SQL, whether it makes the table `name`]]} and writes
// [what is wrong with the statement, or null].
const fs = require('fs');
const net = require('net');
const place = `${process.env.ANALYSER}/node_modules/@fivetrandevelopers/zetasql-snowflake`;
const { ZetaSQLClient, runServer, terminateServer } = require(place);
const { LanguageOptions } = require(`${place}/lib/LanguageOptions`);
const { TypeFactory } = require(`${place}/lib/TypeFactory`);
const protobuf = require(`${process.env.ANALYSER}/node_modules/protobufjs`);

// what it says of a long query nests deeper than it reads by default
protobuf.util.recursionLimit = 10000;
protobuf.Reader.recursionLimit = 10000;

const freePort = () => new Promise((found) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

const table = (name, columns) => ({ name, column: columns });
const typed = ([name, type]) => ({ name, type: { typeKind: TypeFactory.SIMPLE_TYPE_KIND_NAMES.get(type) } });

// what a query gives: {resolvedQueryStmtNode: {outputColumnList: [{name, column: {type}}]}}
const columnsOf = (statement) =>
  statement.resolvedQueryStmtNode.outputColumnList.map(({ name, column }) => ({ name, type: column.type }));

async function main() {
  const { tables, statements } = JSON.parse(fs.readFileSync(0, 'utf8'));
  const port = await freePort();
  runServer(port);
  ZetaSQLClient.init(port);
  const client = ZetaSQLClient.getInstance();
  await client.testConnection();
  const languageOptions = (await new LanguageOptions().enableMaximumLanguageFeatures()).serialize();
  const catalog = { name: 'warehouse', table: [], builtinFunctionOptions: { languageOptions } };
  for (const [name, columns] of Object.entries(tables)) {
    catalog.table.push(table(name, Object.entries(columns).map(typed)));
  }
  const faults = [];
  for (const [name, sqlStatement, isTable] of statements) {
    try {
      const request = { sqlStatement, simpleCatalog: catalog, options: { languageOptions } };
      const { resolvedStatement } = await client.analyze(request);
      if (isTable) {
        // the new rows of a table come in one beside it
        for (const beside of [name, `${name}__dbt_tmp`]) catalog.table.push(table(beside, columnsOf(resolvedStatement)));
      }
      faults.push(null);
    } catch (refused) {
      faults.push(refused.details || String(refused));
    }
  }
  fs.writeFileSync(1, JSON.stringify(faults));
  terminateServer();
  process.exit(0);
}

main();
