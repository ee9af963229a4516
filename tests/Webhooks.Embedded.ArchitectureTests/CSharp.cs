using System.Globalization;
using System.Reflection;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Types and values as C# writes them.</summary>
internal static class CSharp
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string NameOf(Type type) => NameOf(type, null);

    public static string NameOf(ParameterInfo parameter) => NameOf(parameter.ParameterType, Nullability.Create(parameter));

    public static string NameOf(PropertyInfo property) => NameOf(property.PropertyType, Nullability.Create(property));

    public static string NameOf(FieldInfo field) => NameOf(field.FieldType, Nullability.Create(field));

    public static string ValueOf(object? value, Type type) => value switch
    {
        null when type.IsValueType && Nullable.GetUnderlyingType(type) is null => "default",
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{NameOf(type)}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string NameOf(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{NameOf(underlying, nullability?.GenericTypeArguments.FirstOrDefault())}?";
        }

        var mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable && !IsUnconstrained(type) ? "?" : "";
        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        }

        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }

        if (!type.IsGenericType)
        {
            return type.Name + mark;
        }

        var known = nullability?.GenericTypeArguments;
        var arguments = type.GetGenericArguments()
            .Select((argument, index) => NameOf(argument, index < known?.Length ? known[index] : null));
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", arguments)}>{mark}";
    }

    // A T that may be anything counts as nullable, but nobody wrote a question mark.
    private static bool IsUnconstrained(Type type) => type.IsGenericParameter;
}
