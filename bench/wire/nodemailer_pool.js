// Sends one mail many times with nodemailer's pool: PORT MAILS FILE CONNECTIONS.
// Prints the seconds from the first mail to the last answer, as JSON.
const fs = require('fs');
const nodemailer = require('nodemailer');

const [port, mails, , connections] = process.argv.slice(2).map(Number);
const raw = fs.readFileSync(process.argv[4]);
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port,
  pool: true,
  maxConnections: connections,
  maxMessages: Infinity,
  ignoreTLS: true,
});
const started = process.hrtime.bigint();
let next = 0;
let done = 0;

function sendNext() {
  if (next >= mails) return;
  const to = `subscriber${next}@mail${next % 500}.example.org`;
  next += 1;
  transport.sendMail({ envelope: { from: 'digest@hill.example.org', to: [to] }, raw }, (error) => {
    if (error) throw error;
    done += 1;
    if (done < mails) return sendNext();
    transport.close();
    console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - started) / 1e9 }));
  });
}

// Two waiting for each connection, so that none is ever idle.
for (let each = 0; each < connections * 2; each += 1) sendNext();
