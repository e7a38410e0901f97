using System;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

Console.WriteLine(ChatToken("8812", "Jonas Lindqvist", "bike-4120"));

// Vouches for a user of your site, for one hour.
static string ChatToken(string userId, string name, string conversation)
{
    var secret = Environment.GetEnvironmentVariable("PLANGA_SECRET")
        ?? throw new InvalidOperationException("PLANGA_SECRET is not set");
    var header = new { alg = "HS256", typ = "JWT", kid = "pk_example" };
    var claims = new
    {
        sub = userId,
        name = name,
        conversation_id = conversation,
        exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
    };
    var signed = Encode(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Encode(JsonSerializer.SerializeToUtf8Bytes(claims));
    var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(signed));
    return signed + "." + Encode(signature);
}

static string Encode(byte[] data) =>
    Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');
