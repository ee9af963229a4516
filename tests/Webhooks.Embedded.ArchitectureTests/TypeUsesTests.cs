using System.Globalization;
using Webhooks.Embedded.ArchitectureTests.Used;

namespace Webhooks.Embedded.ArchitectureTests
{
    /// <summary>The reader behind the direction test sees a use wherever it hides: a test that never fails proves nothing.</summary>
    public sealed class TypeUsesTests
    {
        private static readonly IReadOnlySet<(TypeName From, TypeName To)> Uses = TypeUses.In(typeof(TypeUsesTests).Assembly);

        [Theory]
        [InlineData(typeof(Users.ByBase), typeof(Base))]
        [InlineData(typeof(Users.ByInterface), typeof(IContract))]
        [InlineData(typeof(Users.ByAttribute), typeof(MarkAttribute))]
        [InlineData(typeof(Users.ByField), typeof(Thing))]
        [InlineData(typeof(Users.ByProperty), typeof(Thing))]
        [InlineData(typeof(Users.ByParameter), typeof(Thing))]
        [InlineData(typeof(Users.ByGenericArgument), typeof(Thing))]
        [InlineData(typeof(Users.ByConstraint<>), typeof(IContract))]
        [InlineData(typeof(Users.ByLocal), typeof(Thing))]
        [InlineData(typeof(Users.ByStaticCall), typeof(Calls))]
        [InlineData(typeof(Users.ByGenericCall), typeof(Thing))]
        [InlineData(typeof(Users.ByTypeof), typeof(Thing))]
        [InlineData(typeof(Users.ByLambda), typeof(Calls))]
        [InlineData(typeof(Users.ByAwait), typeof(Calls))]
        [InlineData(typeof(Users.ByIterator), typeof(Calls))]
        [InlineData(typeof(Users.ByCatch), typeof(ThingException))]
        [InlineData(typeof(Users.ByNested), typeof(Calls))]
        [InlineData(typeof(Users.AfterSwitch), typeof(Calls))]
        public void A_use_is_seen(Type from, Type to) => Assert.Contains((NameOf(from), NameOf(to)), Uses);

        [Fact]
        public void No_use_is_invented() => Assert.DoesNotContain(Uses, use => use.From == NameOf(typeof(Users.Innocent)));

        private static TypeName NameOf(Type type) => new(type.Namespace!, type.Name);
    }
}

namespace Webhooks.Embedded.ArchitectureTests.Used
{
    public abstract class Base;

    public interface IContract;

    public sealed class Thing;

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class MarkAttribute : Attribute;

    public sealed class ThingException(string message) : Exception(message);

    public static class Calls
    {
        public static int Number => int.Parse("1", CultureInfo.InvariantCulture);
    }
}

namespace Webhooks.Embedded.ArchitectureTests.Users
{
    public sealed class ByBase : Base;

    public sealed class ByInterface : IContract;

    [Mark]
    public sealed class ByAttribute;

    public sealed class ByField
    {
        internal Thing? _thing;
    }

    public sealed class ByNothing
    {
        public static void Clear(ByField user) => user._thing = null;
    }

    public sealed class ByProperty
    {
        public Thing? Thing { get; set; }
    }

    public sealed class ByParameter
    {
        public void Take(ref Thing thing) => thing = null!;
    }

    public sealed class ByGenericArgument
    {
        public Dictionary<string, List<Thing[]>>? Things { get; set; }
    }

    public sealed class ByConstraint<T>
        where T : IContract;

    public sealed class ByLocal
    {
        public bool Is(object value)
        {
            var thing = value as Thing;
            return thing is not null && thing == value;
        }
    }

    public sealed class ByStaticCall
    {
        public int Get() => Calls.Number;
    }

    public sealed class ByGenericCall
    {
        public object Get() => Array.Empty<Thing>();
    }

    public sealed class ByTypeof
    {
        public string Get() => typeof(Thing).Name;
    }

    public sealed class ByLambda
    {
        public Func<int, int> Get() => number => number + Calls.Number;
    }

    public sealed class ByAwait
    {
        public async Task<int> GetAsync()
        {
            await Task.Yield();
            return Calls.Number;
        }
    }

    public sealed class ByIterator
    {
        public IEnumerable<int> Get()
        {
            yield return Calls.Number;
        }
    }

    public sealed class ByCatch
    {
        public bool Try(Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (ThingException)
            {
                return false;
            }
        }
    }

    public sealed class ByNested
    {
        internal static class Inner
        {
            public static int Get() => Calls.Number;
        }
    }

    public sealed class AfterSwitch
    {
        public static int Get(int number)
        {
            var factor = number switch
            {
                0 => 7,
                1 => 3,
                2 => 9,
                3 => 1,
                4 => 8,
                5 => 2,
                _ => 0,
            };
            return factor * Calls.Number;
        }
    }

    public sealed class Innocent
    {
        public static string Get(string text)
        {
            switch (text.Length)
            {
                case 1: return "one";
                case 2: return "two";
                case 3: return "three";
                case 4: return "four";
                default: return $"{text.Length + 0.5}{long.MaxValue}";
            }
        }
    }
}
