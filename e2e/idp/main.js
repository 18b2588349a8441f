// The identity provider of the demo and of the tests. See `node main.js --help`.
import { readOptions, usage } from "./options.js";
import { startServer } from "./server.js";

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
if (options.help) {
  console.log(usage());
  process.exit(0);
}

try {
  const server = await startServer(options);
  const stop = () => server.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  console.log(`demo identity provider ready: ${server.issuer}`);
} catch (error) {
  console.error(error.code === "EADDRINUSE" ? `port ${options.port} is in use` : error.message);
  process.exit(1);
}
