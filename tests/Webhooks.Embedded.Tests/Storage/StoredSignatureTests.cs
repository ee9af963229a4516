using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class StoredSignatureTests
{
    [Theory]
    [InlineData("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", 32)]
    [InlineData("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI5=", 47)]
    [InlineData("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H pI4=", 47)]
    [InlineData("v2,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", 47)]
    [InlineData("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", 95)]
    [InlineData("v1,ü", 5)]
    [InlineData("", 0)]
    public void A_signature_is_read_as_it_was_sent_and_the_usual_one_is_stored_as_its_hash(string signature, int length)
    {
        var stored = StoredSignature.Write(signature);

        Assert.Equal(length, stored!.Length);
        Assert.Equal(signature, StoredSignature.Read(stored));
    }

    [Fact]
    public void A_text_as_long_as_a_hash_is_not_taken_for_one()
    {
        var text = new string('x', 32);

        Assert.Equal(text, StoredSignature.Read(StoredSignature.Write(text))!.TrimEnd('\n'));
    }

    [Fact]
    public void What_is_text_in_the_column_is_read_as_it_is()
    {
        Assert.Equal("v1,x", StoredSignature.Read("v1,x"));
        Assert.Null(StoredSignature.Read(null));
        Assert.Null(StoredSignature.Write(null));
    }
}
