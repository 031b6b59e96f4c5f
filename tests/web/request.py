"""Make one HTTP request and print the answer: status, header lines, an empty
line, the body.

    python3 request.py PORT METHOD TARGET [BODY [NAME:VALUE...]]

The target goes out as it is: nothing is made of dots and slashes."""
import http.client
import sys

port, method, target, *rest = sys.argv[1:]
body = rest[0].encode() if rest else None
headers = {"Content-Type": "application/x-www-form-urlencoded"} if rest else {}
headers.update(line.split(":", 1) for line in rest[1:])

connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
connection.request(method, target, body, headers)
answer = connection.getresponse()
print(answer.status)
for name, value in answer.getheaders():
    print(f"{name}: {value}")
print(flush=True)
sys.stdout.buffer.write(answer.read())
